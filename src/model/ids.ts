/** Names of things. An id is a plain string at run time; the brand only keeps one kind from being passed as another. */
declare const brand: unique symbol;
type Branded<Kind extends string> = string & { readonly [brand]: Kind };

/** 25 characters of lower-case base 36 (SwarmKit: identity). `''` stands for "none yet", as in a task without a node. */
export type NodeId = Branded<'node'>;
export type ServiceId = Branded<'service'>;
export type TaskId = Branded<'task'>;
export type ClusterId = Branded<'cluster'>;
export type NetworkId = Branded<'network'>;
export type SecretId = Branded<'secret'>;
export type ConfigId = Branded<'config'>;

export const nodeId = (text: string): NodeId => text as NodeId;
export const serviceId = (text: string): ServiceId => text as ServiceId;
export const taskId = (text: string): TaskId => text as TaskId;
export const clusterId = (text: string): ClusterId => text as ClusterId;
export const networkId = (text: string): NetworkId => text as NetworkId;
export const secretId = (text: string): SecretId => text as SecretId;
export const configId = (text: string): ConfigId => text as ConfigId;
