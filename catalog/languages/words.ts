/** All that the customers' pages say, in one language. `{name}` stands for what is put in. */
export interface Words {
  /** BCP 47, for the page's `lang`. */
  readonly code: string
  /** The channels as customers call what comes by them: `by email`. */
  readonly by: Readonly<
    Record<
      | 'email'
      | 'sms'
      | 'push'
      | 'web-push'
      | 'whatsapp'
      | 'voice'
      | 'slack'
      | 'inbox'
      | 'audience'
      | 'webhook',
      string
    >
  >
  readonly unsubscribe: {
    readonly title: string
    readonly question: string
    readonly questionOfTopic: string
    readonly all: string
    readonly topicOnly: string
    readonly doneTitle: string
    readonly done: string
    readonly doneTopic: string
    /** The link to the preferences. */
    readonly choose: string
  }
  readonly preferences: {
    readonly title: string
    readonly lead: string
    /** All marketing that is on no topic. */
    readonly other: string
    readonly otherDescription: string
    readonly save: string
    readonly saved: string
    readonly stopTitle: string
    readonly stop: string
    readonly stopDescription: string
    readonly stopped: string
    /** What is sent whatever is chosen here. */
    readonly transactional: string
  }
  readonly confirm: {
    readonly title: string
    readonly question: string
    readonly questionOfTopic: string
    readonly button: string
    readonly ignore: string
    readonly doneTitle: string
    readonly done: string
  }
  /** What we answer, once, to whoever writes STOP, START or HELP to a number of ours. Many laws want the sender's name in it. */
  readonly keywords: {
    readonly stop: string
    readonly start: string
    readonly help: string
  }
  readonly unknown: {
    readonly title: string
    readonly text: string
  }
}
