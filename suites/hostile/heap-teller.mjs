// Loaded into a twin's process: says what its heap holds when it is asked, and breaks the process when it is told to, with a text at hand that nobody may see.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
process.on('message', (question) => {
  if (typeof question === 'object' && question !== null) {
    const { breakWith } = question;
    const headers = { 'x-registry-auth': breakWith };
    setImmediate(() => {
      throw Object.assign(new Error('broken on purpose'), { headers, cause: new Error(breakWith) });
    });
    return;
  }
  if (question !== 'heap') return;
  collect();
  const { heapUsed, external, rss } = process.memoryUsage();
  process.send?.({ heapBytes: heapUsed + external, rssBytes: rss });
});
// Asked over a channel that alone must not keep the process.
process.channel?.unref();
