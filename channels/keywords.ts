import type { Receipt } from '../sdk'

export type Keyword = NonNullable<Receipt['keyword']>

/**
 * The words by which people stop messages on their phone, take that back, or ask who writes; the FCC's list (47 CFR
 * 64.1200(a)(10)) and their common forms in other languages. `yes` is left out: it is what journeys ask for.
 */
const words: Readonly<Record<Keyword, readonly string[]>> = {
  stop: [
    ...['stop', 'stopall', 'stop all', 'quit', 'end', 'revoke', 'opt out', 'optout', 'cancel', 'unsubscribe'],
    ...['stopp', 'abmelden', 'abbestellen', 'ende'],
    ...['arret', 'arreter', 'desabonner', 'desinscrire'],
    ...['alto', 'parar', 'baja', 'cancelar', 'detener'],
    ...['ferma', 'fermare', 'annulla', 'disiscrivi'],
    ...['sair', 'remover', 'pare'],
    ...['afmelden', 'uitschrijven', 'avsluta', 'lopeta', 'wypisz', 'стоп', 'отписаться', '停止', '退订'],
  ],
  start: [
    'start',
    'unstop',
    'anmelden',
    'debut',
    'reprendre',
    'inicio',
    'comenzar',
    'inizia',
    'iniciar',
    'старт',
  ],
  help: ['help', 'info', 'hilfe', 'aide', 'ayuda', 'aiuto', 'ajuda', 'hulp', 'hjalp', 'помощь'],
}

const known = new Map(
  (Object.keys(words) as Keyword[]).flatMap((keyword) => words[keyword].map((word) => [word, keyword])),
)

/** The keyword a message is, and nothing else beside it; case, accents and punctuation don't matter. */
export function keywordOf(text: string): Keyword | undefined {
  if (text.length > 40) return undefined
  const plain = text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
  return known.get(plain.normalize('NFC'))
}

/** What the keyword makes of a reply. */
export const kindOfKeyword = { stop: 'unsubscribed', start: 'resubscribed', help: 'asked-help' } as const
