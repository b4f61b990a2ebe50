import { namedUrls } from '../named-urls'

const hrefs = (urls: Readonly<Record<string, URL>>): Record<string, string> =>
  Object.fromEntries(Object.entries(urls).map(([name, url]) => [name, url.href]))

/** The settings of the adopter's own databases, for config.ts. */
export const sourceSettings = {
  SOURCE_DATABASES: namedUrls(
    'postgres(?:ql)?',
    'it must be a comma list such as crm=postgres://name:password@host:5432/database',
  )
    .transform(hrefs)
    .default({})
    .describe('comma list of name=postgres://…: databases of yours that decisions read, and never write'),
}

/** Those that no sentence may quote. */
export const sourceSecrets = ['SOURCE_DATABASES']
