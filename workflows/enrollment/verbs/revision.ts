import type { Enrollment } from '../enrollment'

/** The first answer in a run holds for the rest of it: a place that is come to again goes the way it went before. */
export const revision =
  (enrollment: Enrollment) =>
  (id: string): boolean => {
    const known = enrollment.revisions.get(id)
    if (known !== undefined) return known
    const isNew = enrollment.host.revision(id)
    enrollment.revisions.set(id, isNew)
    enrollment.note('step', `revision: ${isNew ? 'new' : 'old'}`, id)
    return isNew
  }

export const revised =
  (enrollment: Enrollment) =>
  (id: string): void =>
    enrollment.host.revised(id)
