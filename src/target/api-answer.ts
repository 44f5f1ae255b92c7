import type { NodeAnswer } from '../lab/node-client.ts';
import type { ApiAnswer } from './target.ts';

/** Nothing was sent where no connection was made. */
const NEVER_SENT = ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH'];

/** What came of a call, in a scenario's words. */
export function apiAnswer(answer: NodeAnswer): ApiAnswer {
  if (answer.kind === 'no-answer') {
    const sent = !NEVER_SENT.includes(answer.code);
    return { kind: 'no-answer', sent, text: `${answer.code}: ${answer.message}` };
  }
  return { kind: 'answer', status: answer.status, value: valueOf(answer.body) };
}

function valueOf(body: string): unknown {
  if (body === '') return null;
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return body; // not every answer of an engine is JSON
  }
}
