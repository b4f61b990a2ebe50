/** Statements worth preparing once a connection, by their text: those whose text never varies, on the hot path. */
export const prepared = new Map<string, string>()
