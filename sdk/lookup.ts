/** What a column of the adopter's own database holds. */
export type ColumnKind = 'number' | 'text' | 'boolean'

export type Columns = Readonly<Record<string, ColumnKind>>

interface Kinds {
  readonly number: number
  readonly text: string
  readonly boolean: boolean
}

/** A row of these columns. A value that is null is missing. */
export type RowOf<Declared extends Columns> = { readonly [Name in keyof Declared]?: Kinds[Declared[Name]] }

/** What is read of the customer, in a database of the adopter's own, at the moment of deciding. */
export interface Lookup<Declared extends Columns = Columns> {
  /** The name it has in SOURCE_DATABASES. */
  readonly from: string
  /** One select of at most one row; `$1` is the customer's id. It runs read-only, for a second at most. */
  readonly sql: string
  readonly columns: Declared
  /** Those that the policy goes by beside the context. They are kept with the decision; no other value is. */
  readonly context?: readonly (keyof Declared & string)[]
}

/** Why nothing could be read. */
export interface Unread {
  readonly is: 'unread'
  readonly because:
    /** The deployment does not know the database's name. */
    | 'not-configured'
    | 'too-slow'
    | 'unreachable'
    /** The database would not run the query. */
    | 'refused'
    | 'several-rows'
    /** A declared column is missing, or of another kind. */
    | 'other-columns'
  /** In words, for operators. */
  readonly detail?: string
}

export type Found =
  | { readonly is: 'found'; readonly values: Readonly<Record<string, number | string | boolean>> }
  | { readonly is: 'no-row' }
  | Unread

/** What stands of it in the record: no values. */
export type LookupUse = { readonly is: 'found' | 'no-row' } | Unread
