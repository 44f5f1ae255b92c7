/** One reading in a process of its own, so that its memory and its warmth are nobody else's. What to read comes as JSON, and so goes what was read. */
import type { Question } from './reading-process.ts';
import { scheduleFromNothing } from './schedule-from-nothing.ts';
import { simulateRuns } from './simulated-runs.ts';

const question = JSON.parse(process.argv[2] ?? '') as Question;
const answer =
  question.what === 'scheduling' ? scheduleFromNothing(question.size) : simulateRuns(question.kind);
process.stdout.write(JSON.stringify(answer));
