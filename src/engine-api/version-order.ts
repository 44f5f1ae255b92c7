/** Compares API versions part by part; what is missing or no number counts as 0 (moby: api/types/versions). */
export function compareVersions(a: string, b: string): number {
  const left = a.split('.');
  const right = b.split('.');
  for (let at = 0; at < Math.max(left.length, right.length); at += 1) {
    const difference = part(left[at]) - part(right[at]);
    if (difference !== 0) return difference;
  }
  return 0;
}

const part = (text: string | undefined): number =>
  text !== undefined && /^\d{1,18}$/.test(text) ? Number(text) : 0;
