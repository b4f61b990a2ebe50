/** Whether an enrollment was held out, from its beginning on: what is told of a journey's lift counts those that still run as well. */
export const sql = `
alter table enrollments add column held_out boolean;
`
