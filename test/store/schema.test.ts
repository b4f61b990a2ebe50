import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from 'pg'
import ts from 'typescript'
import { openStore } from '../../store'
import { testDatabase, type TestDatabase } from '../support/postgres'

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
  await (await openStore({ url: database.url })).close()
})
afterAll(() => database?.drop())

test('the types say what the migrations make: tables, columns, and which may be null', async () => {
  const client = new Client({ connectionString: database.url })
  await client.connect()
  const { rows } = await client.query<{ column: string }>(`
    select table_name || '.' || column_name || case is_nullable when 'YES' then ' or null' else '' end as column
    from information_schema.columns where table_schema = 'public' and table_name <> 'migrations'
      and table_name not in (select relname from pg_class where relispartition)`)
  await client.end()
  expect(columnsInTypes().sort()).toEqual(rows.map(({ column }) => column).sort())
})

function columnsInTypes(): string[] {
  const statements = ['schema.ts', 'audience-table.ts', 'decision-tables.ts', 'task-table.ts'].flatMap(
    (file) => statementsOf(file),
  )
  const interfaces = new Map(
    statements.filter(ts.isInterfaceDeclaration).map((each) => [each.name.text, properties(each)]),
  )
  return interfaces
    .get('Tables')!
    .flatMap(([table, type]) =>
      interfaces
        .get(type)!
        .map(([column, columnType]) => `${table}.${column}${/\| null$/.test(columnType) ? ' or null' : ''}`),
    )
}

function statementsOf(file: string): readonly ts.Statement[] {
  const path = join(__dirname, '../../store', file)
  return ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true).statements
}

const properties = ({ members }: ts.InterfaceDeclaration): [string, string][] =>
  members.filter(ts.isPropertySignature).map((member) => [member.name.getText(), member.type!.getText()])
