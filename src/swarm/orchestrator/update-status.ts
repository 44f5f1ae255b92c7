import type { Service, UpdateStatus } from '../../model/objects.ts';
import type { Transaction } from '../transaction.ts';

/** Marks that an update works; a status that is there already stays. */
export function startUpdate(transaction: Transaction, serviceId: string, now: number): void {
  const service = transaction.get('service', serviceId);
  if (service === undefined || service.updateStatus !== undefined) return;
  write(transaction, service, {
    state: 'updating',
    startedAt: now,
    message: 'update in progress',
  });
}

/** Stops an update for people to look at. No status means that the service was updated meanwhile: then it is another update's. */
export function pauseUpdate(transaction: Transaction, serviceId: string, message: string): void {
  const service = transaction.get('service', serviceId);
  if (service?.updateStatus === undefined) return;
  const rollback = service.updateStatus.state === 'rollback_started';
  const state = rollback ? 'rollback_paused' : 'paused';
  write(transaction, service, { ...service.updateStatus, state, message });
}

/** Puts the previous spec in force. It can be done once: there is no previous spec afterwards. Without one nothing changes. */
export function rollBackUpdate(transaction: Transaction, serviceId: string, message: string): void {
  const service = transaction.get('service', serviceId);
  if (service?.updateStatus === undefined || service.previousSpec === undefined) return;
  const { previousSpec, previousSpecVersion, ...rest } = service;
  transaction.update('service', {
    ...rest,
    spec: previousSpec,
    specVersion: previousSpecVersion ?? 0,
    updateStatus: { ...service.updateStatus, state: 'rollback_started', message },
  });
}

/** Ends an update, or a rollback. A rollback that was paused by its own failure action also ends as `completed`, as in SwarmKit. */
export function completeUpdate(transaction: Transaction, serviceId: string, now: number): void {
  const service = transaction.get('service', serviceId);
  if (service?.updateStatus === undefined) return;
  const rollback = service.updateStatus.state === 'rollback_started';
  write(transaction, service, {
    ...service.updateStatus,
    state: rollback ? 'rollback_completed' : 'completed',
    message: rollback ? 'rollback completed' : 'update completed',
    completedAt: now,
  });
}

function write(transaction: Transaction, service: Service, updateStatus: UpdateStatus): void {
  transaction.update('service', { ...service, updateStatus });
}
