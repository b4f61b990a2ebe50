/** What became of asking a model of the adopter's own; null where the policy asks none. */
export const sql = `
alter table decisions add column model jsonb;
`
