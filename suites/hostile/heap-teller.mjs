// Loaded into a twin's process: says what its heap holds when it is asked, and what was thrown that nobody took.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
process.on('message', (question) => {
  if (question !== 'heap') return;
  collect();
  const { heapUsed, external, rss } = process.memoryUsage();
  process.send?.({ heapBytes: heapUsed + external, rssBytes: rss });
});
// Asked over a channel that alone must not keep the process.
process.channel?.unref();
