/** One reading in a process of its own, so that its memory and its warmth are nobody else's. What to read comes as JSON, and so goes what was read. */
import { judgeHistory } from './judged-histories.ts';
import type { Question } from './reading-process.ts';
import { scheduleFromNothing } from './schedule-from-nothing.ts';
import { simulateRuns } from './simulated-runs.ts';

const question = JSON.parse(process.argv[2] ?? '') as Question;

function answer(): unknown {
  switch (question.what) {
    case 'scheduling':
      return scheduleFromNothing(question.size);
    case 'simulation':
      return simulateRuns(question.kind);
    case 'judge':
      return judgeHistory(question.kind);
  }
}

process.stdout.write(JSON.stringify(answer()));
