/** What a policy in the shadow of the one that decided would have chosen; null where there was none. */
export const sql = `
alter table decisions add column shadow jsonb;
`
