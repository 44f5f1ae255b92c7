import type { ApiResponse } from './api-message.ts';

/** moby: config.IsSwarmCompatible. */
export const LIVE_RESTORE = '--live-restore daemon configuration is incompatible with swarm mode';

/** Whether an engine's answer to `/info` says that it keeps containers while it is away. An engine that does not answer is told of by what needs it. */
export const livesOn = ({ status, body }: Pick<ApiResponse, 'status' | 'body'>): boolean =>
  status === 200 &&
  (JSON.parse(body) as { readonly LiveRestoreEnabled?: boolean }).LiveRestoreEnabled === true;
