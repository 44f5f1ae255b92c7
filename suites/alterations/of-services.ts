import type { ServiceSpec } from '../../src/model/specs.ts';
import type { UpdateState } from '../../src/model/objects.ts';
import type { ServiceSeen } from '../../src/model/history.ts';
import type { At } from '../../src/checker/story.ts';
import { LASTS_MS, eyeAt, reseen, withOne, withRecord } from './altering.ts';
import type { Alter, SeenAt, Told } from './altering.ts';

/** A form of a service and how long it was seen. */
interface Form {
  readonly form: At<ServiceSeen>;
  readonly before: At<ServiceSeen> | undefined;
  readonly lastedMs: number;
}

const formsOf = ({ story }: Told): readonly Form[] =>
  [...story.services.values()].flatMap((forms) =>
    forms.map((form, index) => {
      const lastedMs = (forms[index + 1]?.atMs ?? story.endMs) - form.atMs;
      return { form, before: forms[index - 1], lastedMs };
    }),
  );

const isSameForm = (one: ServiceSeen, other: ServiceSeen): boolean =>
  one.id === other.id && one.version === other.version && one.updateState === other.updateState;

/** An automatic rollback under way, which is left out. */
const isOwnRollback = ({ updateMessage }: ServiceSeen): boolean =>
  updateMessage.startsWith('update rolled back');

const withoutForm =
  (isMine: (form: Form) => boolean): Alter =>
  (told) =>
    withOne(
      told,
      formsOf(told).filter(
        (each) =>
          each.form.updateState !== '' &&
          each.before?.updateState !== each.form.updateState &&
          !isOwnRollback(each.form) &&
          each.form.atMs - (each.before?.atMs ?? 0) > LASTS_MS &&
          isMine(each),
      ),
      ({ form }) => {
        const forms = told.story.services.get(form.name) ?? [];
        const next = forms.find(
          ({ version, updateState }) => version > form.version && updateState !== form.updateState,
        );
        return reseen(told.records, 'service', (seen) =>
          seen.id === form.id &&
          seen.updateState === form.updateState &&
          seen.version >= form.version &&
          seen.version < (next?.version ?? Infinity)
            ? null
            : {},
        );
      },
    );

export const updateStepUnseen = withoutForm(({ lastedMs }) => lastedMs > LASTS_MS);
export const briefUpdateStepUnseen = withoutForm(({ lastedMs }) => lastedMs < 1400);

const changeForms =
  (
    isMine: (form: Form, told: Told) => boolean,
    change: (seen: SeenAt<ServiceSeen>) => Partial<ServiceSeen>,
  ): Alter =>
  (told) =>
    withOne(
      told,
      formsOf(told).filter((form) => isMine(form, told) && form.lastedMs > LASTS_MS),
      ({ form }) =>
        reseen(told.records, 'service', (seen) => (isSameForm(seen, form) ? change(seen) : {})),
    );

const isUpdating = ({ form }: Form): boolean => form.updateState !== '' && !isOwnRollback(form);

export const updateMessageOther = changeForms(isUpdating, ({ updateMessage }) => ({
  updateMessage: `${updateMessage}!`,
}));
const OTHER: Readonly<Record<UpdateState, UpdateState>> = {
  updating: 'paused',
  paused: 'completed',
  completed: 'paused',
  rollback_started: 'updating',
  rollback_paused: 'rollback_completed',
  rollback_completed: 'completed',
};
export const updateStateOther = changeForms(isUpdating, ({ updateState }) => ({
  updateState: updateState === '' ? '' : OTHER[updateState],
}));

/** Where an update is completed, it says before for a while that it is what it is not. */
const stepBefore =
  (ms: number): Alter =>
  (told) =>
    withOne(
      told,
      formsOf(told).filter(
        ({ form, before }) =>
          form.updateState === 'completed' &&
          before?.updateState === 'updating' &&
          form.atMs - before.atMs > ms + 100,
      ),
      ({ form }) =>
        withRecord(told.records, {
          ...form,
          by: eyeAt(told.records, form.atMs),
          version: form.version - 1,
          atMs: form.atMs - ms,
          ...{ updateState: 'paused', updateMessage: 'update paused' },
        }),
    );
export const updateStepMore = stepBefore(LASTS_MS);
export const briefUpdateStepMore = stepBefore(300);

/** Every form of a service, with another spec. */
const respec =
  (isMine: (spec: ServiceSpec) => boolean, change: (spec: ServiceSpec) => ServiceSpec): Alter =>
  (told) =>
    withOne(
      told,
      [...told.story.services].filter(([, forms]) => forms.every(({ spec }) => isMine(spec))),
      ([, forms]) =>
        reseen(told.records, 'service', (seen) =>
          seen.id === forms[0]?.id ? { spec: change(seen.spec) } : {},
        ),
    );

const retemplate =
  (change: (container: NonNullable<ServiceSpec['TaskTemplate']['ContainerSpec']>) => object) =>
  (spec: ServiceSpec): ServiceSpec => ({
    ...spec,
    TaskTemplate: {
      ...spec.TaskTemplate,
      ContainerSpec: {
        Image: '',
        ...spec.TaskTemplate.ContainerSpec,
        ...change(spec.TaskTemplate.ContainerSpec ?? { Image: '' }),
      },
    },
  });

export const labelMore = respec(
  () => true,
  (spec) => ({ ...spec, Labels: { ...spec.Labels, odd: 'one' } }),
);
export const environmentLost = respec(
  ({ TaskTemplate }) => (TaskTemplate.ContainerSpec?.Env ?? []).length > 0,
  retemplate(({ Env = [] }) => ({ Env: Env.slice(1) })),
);
export const secretLost = respec(
  ({ TaskTemplate }) => (TaskTemplate.ContainerSpec?.Secrets ?? []).length > 0,
  retemplate(({ Secrets = [] }) => ({ Secrets: Secrets.slice(1) })),
);
export const secretModeOther = respec(
  ({ TaskTemplate }) => (TaskTemplate.ContainerSpec?.Secrets ?? []).length > 0,
  retemplate(({ Secrets = [] }) => ({
    Secrets: Secrets.map((each) => ({
      ...each,
      File: { Name: '', UID: '0', GID: '0', ...each.File, Mode: 511 },
    })),
  })),
);
export const constraintLost = respec(
  ({ TaskTemplate }) => (TaskTemplate.Placement?.Constraints ?? []).length > 0,
  (spec) => ({ ...spec, TaskTemplate: { ...spec.TaskTemplate, Placement: {} } }),
);
export const updateConfigOther = respec(
  ({ UpdateConfig }) => UpdateConfig !== undefined,
  (spec) => ({
    ...spec,
    UpdateConfig: { MaxFailureRatio: 0, ...spec.UpdateConfig, Parallelism: 7 },
  }),
);
export const specOfLastFormOther = changeForms(
  ({ form, before }) => before !== undefined && before.version < form.version,
  ({ spec }) => ({ spec: { ...spec, Labels: { odd: 'one' } } }),
);

export const previousSpecLost: Alter = (told) =>
  withOne(
    told,
    [...told.story.services.values()].filter((forms) =>
      forms.some(({ previousSpec }) => previousSpec !== undefined),
    ),
    (forms) =>
      told.records.map((record) => {
        if (record.type !== 'observe' || record.what !== 'service') return record;
        if (record.id !== forms[0]?.id) return record;
        const kept = Object.entries(record).filter(([name]) => name !== 'previousSpec');
        return Object.fromEntries(kept) as typeof record;
      }),
  );

export const versionBack: Alter = (told) =>
  withOne(
    told,
    formsOf(told).filter(({ before }) => before !== undefined),
    ({ form, before }) =>
      reseen(told.records, 'service', (seen) =>
        seen.n === form.n ? { by: before?.by ?? '', version: (before?.version ?? 1) - 1 } : {},
      ),
  );

const isGoneOf = (told: Told, id: string): ((at: number) => boolean) => {
  const numbers = new Set(
    told.records.flatMap((each) =>
      each.type === 'observe' && each.what === 'gone' && each.id === id ? [each.n] : [],
    ),
  );
  return (n) => numbers.has(n);
};

export const neverRemoved: Alter = (told) =>
  withOne(
    told,
    [...told.story.services.values()].flatMap(([form]) =>
      form !== undefined && told.story.removed.has(form.id) ? [form.id] : [],
    ),
    (id) => {
      const isMine = isGoneOf(told, id);
      return told.records.filter(({ n }) => !isMine(n));
    },
  );

export const removedByItself: Alter = (told) =>
  withOne(
    told,
    [...told.story.services.values()].flatMap(([form]) =>
      form !== undefined && !told.story.removed.has(form.id) ? [form.id] : [],
    ),
    (id) => {
      const atMs = told.story.endMs - 100;
      const by = eyeAt(told.records, atMs);
      return withRecord(told.records, { atMs, what: 'gone', by, kind: 'service', id });
    },
  );
