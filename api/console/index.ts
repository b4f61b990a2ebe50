import { ok, route, type Route } from '../route'
import { customer } from './customer'
import { customers } from './customers'
import { journey } from './journey'
import { limits } from './limits'
import { mailRoutes } from './mail'
import { overview } from './overview'
import { style } from './style'
import { task, taskAction } from './task'
import { tasks } from './tasks'

const stylesheet = route({
  method: 'get',
  path: '/console/style.css',
  role: 'open',
  tag: 'Console',
  summary: 'The stylesheet',
  hidden: true,
  answers: { 200: { description: 'CSS', type: 'text/css' } },
  handle: () => ({ ...ok(style), headers: { 'Cache-Control': 'no-cache' } }),
})

/** A small console: HTML from this server, without scripts. */
export const consoleRoutes: readonly Route[] = [
  overview,
  customers,
  customer,
  journey,
  limits,
  tasks,
  task,
  taskAction,
  ...mailRoutes,
  stylesheet,
]
