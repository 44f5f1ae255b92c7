/** Where a service's update stands, and whether a write of the service begins another. */
import type { Service } from '../../model/objects.ts';

export const isUnderWay = ({ updateStatus }: Service): boolean =>
  updateStatus?.state === 'updating' || updateStatus?.state === 'rollback_started';

/** An update to an equal spec begins nothing anew (SwarmKit: update supervisor, DeepEqual). */
export const haveSameSpec = (before: Service, after: Service): boolean =>
  before.spec === after.spec || JSON.stringify(before.spec) === JSON.stringify(after.spec);
