import type { NodeClient } from '../lab/node-client.ts';

/** How observers ask a node's Engine API; it makes no difference to them whether the node is real. */
export type EyesClient = Pick<NodeClient, 'call' | 'follow'>;
