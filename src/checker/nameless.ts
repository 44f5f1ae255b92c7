/** Ids, addresses, ports, and slots in the names of containers as placeholders. */
export const nameless = (text: string): string =>
  text
    .replace(/\b[0-9a-f]{64}\b/g, '<container>')
    .replace(/\b[0-9a-z]{25}\b/g, '<id>')
    .replace(/\.\d+\.<id>/g, '.<slot>.<id>')
    .replace(/\b\d+\.\d+\.\d+\.\d+(:\d+)?\b/g, '<address>');
