import type { Model } from '../../sdk/model'
import { createSources, type Sources } from '../sources'
import type { Answer, Question } from './answer'
import { FileModels } from './file'
import { HttpModels, type HttpModelSettings } from './http'
import { installedRuntime, type Runtime } from './onnx-runtime'
import { scoreByTable } from './table'

export type { Answer, Question } from './answer'

export interface ModelSettings extends HttpModelSettings {
  /** The adopter's own databases; who made them closes them. */
  readonly sources: Sources
  /** A folder of models that are files. */
  readonly files: string
  /** What runs them; default: what is installed. */
  readonly runtime?: () => Promise<Runtime | undefined>
}

/** Models of the adopter's own. Asking never rejects, and takes no longer than the model says. */
export interface Models {
  score(model: Model, question: Question): Promise<Answer>
  close(): Promise<void>
}

/** What is not given knows no model: then policies fall back, and say so. */
export function createModels(settings: Partial<ModelSettings> = {}): Models {
  const { sources = createSources(), files = 'models', runtime = installedRuntime, now = Date.now } = settings
  const http = new HttpModels({ servers: {}, privateHosts: [], ...settings })
  let found: ReturnType<typeof runtime> | undefined
  const fromFiles = new FileModels(files, () => (found ??= runtime()))
  return {
    score(model, question) {
      if (model.is === 'http') return http.score(model, question)
      return model.is === 'table'
        ? scoreByTable(sources, model, question, now)
        : fromFiles.score(model, question)
    },
    close: () => http.close(),
  }
}
