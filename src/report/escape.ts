/** Text that stands in HTML or XML as itself. Characters that XML cannot hold at all are dropped. */
export const escape = (text: string): string =>
  text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;');

/** Seconds with one decimal; a dash for what was never seen. */
export const secondsText = (ms: number | null): string =>
  ms === null ? '–' : `${(ms / 1000).toFixed(1)} s`;
