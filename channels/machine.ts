/**
 * Programs that open mails and follow links in a person's stead, by their User-Agent: mail proxies that load pictures (Gmail,
 * Yahoo), Apple's Mail Privacy Protection, which says `Mozilla/5.0` and nothing more, and scanners that name themselves.
 */
const machines =
  /^$|^mozilla\/5\.0$|googleimageproxy|yahoomailproxy|bot\b|crawler|spider|scan(ner)?\b|preview|barracuda|proofpoint|mimecast|safelinks|symantec|messagelabs|trendmicro|fireeye|ironport|headless|^(curl|wget|python|java|go-http|okhttp|axios|node)/i

/** Whether an open or a click was none of a person. Nothing is said of who does not name a User-Agent at all. */
export const isMachine = (userAgent: string | undefined): boolean =>
  userAgent !== undefined && machines.test(userAgent.trim().slice(0, 500))
