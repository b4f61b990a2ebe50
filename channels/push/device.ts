import type { Device } from '../../sdk'
import type { Provider } from '../channel'

/** The device that was seen last, of those on the channel. */
export const deviceOn =
  (channel: Device['channel']): Provider['address'] =>
  ({ devices = [] }) =>
    devices.find((device) => device.channel === channel)?.address
