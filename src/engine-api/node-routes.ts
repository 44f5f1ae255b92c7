import type { NodeSpec } from '../model/specs.ts';
import { managersOnly, then, type Call } from './call.ts';
import { NODE, NODES, NODE_SPEC } from './cluster-schema.ts';
import { convertNodeSpec } from './convert-swarm.ts';
import { checkKeys, forLeader, readFilters, words } from './filters.ts';
import type { Posted } from './posted.ts';
import { isOn, versionOf } from './query.ts';
import { readBody } from './read-body.ts';
import { renderNode } from './render-node.ts';

const FILTERS = ['name', 'id', 'label', 'role', 'membership', 'node.label'];

export const listNodes = (call: Call): void => {
  const { behaveLike } = call.options;
  const filters = readFilters(call.request, behaveLike);
  managersOnly(call);
  checkKeys(filters, FILTERS, behaveLike);
  const role = words(filters, 'role', ['worker', 'manager']);
  const membership = words(filters, 'membership', ['pending', 'accepted']);
  const rest = forLeader(filters, ['name', 'id', 'label', 'node.label']);
  call.node.control(
    { method: 'list-nodes', filters: role.length === 0 ? rest : { ...rest, role } },
    then(call, (views) => {
      // Every node is accepted: SwarmKit never makes a pending one.
      const shown = membership.length === 0 || membership.includes('accepted') ? views : [];
      call.reply.json(shown.map(renderNode), NODES);
    }),
  );
};

export const inspectNode = (call: Call): void => {
  managersOnly(call);
  call.node.control(
    { method: 'get-node', ref: call.id },
    then(call, (view) => {
      call.reply.json(renderNode(view), NODE);
    }),
  );
};

export const updateNode = (call: Call): void => {
  const posted = readBody(call.request, NODE_SPEC, call.options.behaveLike) as Posted<NodeSpec>;
  const version = versionOf(call.request, 'node');
  managersOnly(call);
  call.node.control(
    { method: 'update-node', ref: call.id, version, spec: convertNodeSpec(posted) },
    then(call, () => {
      call.reply.empty();
    }),
  );
};

export const removeNode = (call: Call): void => {
  const force = isOn(call.request, 'force');
  managersOnly(call);
  call.node.control(
    { method: 'remove-node', ref: call.id, force },
    then(call, () => {
      call.reply.empty();
    }),
  );
};
