import type { Model } from '../../sdk/model'
import type { Answer, Question } from './answer'
import { HttpModels, type HttpModelSettings } from './http'

export type { Answer, Question } from './answer'

export type ModelSettings = HttpModelSettings

/** Models of the adopter's own. Asking never rejects, and takes no longer than the model says. */
export interface Models {
  score(model: Model, question: Question): Promise<Answer>
  close(): Promise<void>
}

/** What is not given knows no model: then policies fall back, and say so. */
export function createModels(settings: Partial<ModelSettings> = {}): Models {
  const http = new HttpModels({ servers: {}, privateHosts: [], ...settings })
  return {
    score: (model, question) => http.score(model, question),
    close: () => http.close(),
  }
}
