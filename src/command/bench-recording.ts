/** The recorder that `bench recorder` measures: the one of every run, on a lab of the bench. */
import { join } from 'node:path';
import type { Recording } from '../bench/recording.ts';
import type { Lab } from '../lab/lab.ts';
import { Recorder } from '../scenario/recorder.ts';
import { labTarget } from '../target/lab-target.ts';
import { withStrain } from '../target/strain.ts';
import { REPORTS } from './project.ts';
import { lineSink } from './run-folder.ts';

/** Begins a history under reports/bench. The lab stays as it is when it stops. */
export async function benchRecording(lab: Lab, subject: string): Promise<Recording> {
  const sink = lineSink(join(REPORTS, 'bench', `recorded.${subject}.jsonl`));
  const target = withStrain(await labTarget(lab, () => Promise.resolve()));
  const recorder = new Recorder(() => target.now(), sink, []);
  target.watch((seen) => {
    recorder.append({ type: 'observe', ...seen });
  });
  await target.look();
  return { records: () => recorder.records.length, stop: () => target.stop() };
}
