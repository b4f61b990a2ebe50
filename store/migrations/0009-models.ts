/** What became of asking a model of the adopter's own, and of looking up the customer there; null where neither was. */
export const sql = `
alter table decisions add column model jsonb, add column lookup jsonb;
`
