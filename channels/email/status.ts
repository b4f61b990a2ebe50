// RFC 3463: no such mailbox; moved, and nobody says where. RFC 7505: the domain takes no mail. Others (disabled, full, policy)
// may change.
const NO_SUCH_MAILBOX = ['5.1.1', '5.1.6', '5.1.10']
// Some servers say 5.1.1 to senders they don't like.
const POLICY = /spam|block|black|polic|reput|listed|denied|abus|rate|spf|dkim|dmarc/i

/** Whether a server says for certain that nobody can ever be reached: by an enhanced status, and without a word on who asks. */
export const isDead = (status: string | undefined, words: string): boolean =>
  NO_SUCH_MAILBOX.includes(status ?? '') && !POLICY.test(words)
