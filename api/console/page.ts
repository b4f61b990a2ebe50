import type { Route } from '../route'

/** What all pages of the console have in common: HTML, a read key unless development is open, and no documentation. */
export const consolePage = {
  method: 'get',
  role: 'console',
  tag: 'Console',
  hidden: true,
  answers: {
    200: { description: 'A page', type: 'text/html' },
    404: { description: 'No such thing', type: 'text/html' },
  },
} as const satisfies Partial<Route>

/** Those of agents: the same, and an agent's key. */
export const deskPage = {
  ...consolePage,
  role: 'desk',
  answers: { ...consolePage.answers, 409: { description: 'It cannot be done now', type: 'text/html' } },
} as const satisfies Partial<Route>
