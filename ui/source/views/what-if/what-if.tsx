import { useEffect, useRef, useState } from 'preact/hooks';
import { call, get } from '../../api/client.ts';
import { documentsOf } from '../../api/manifest-text.ts';
import { at, clusterName, isPast, objects, offset, version } from '../../model/cluster.ts';
import { Ask } from '../../parts/ask.tsx';
import { draft } from '../../parts/draft.ts';
import { Editor } from '../../parts/editor.tsx';
import { Refusal } from '../../parts/refusal.tsx';
import type { PlanStatus } from './plan.ts';
import { ShownPlan } from './shown-plan.tsx';
import { transactionOf } from './transaction.ts';
import { CHANGE_TYPES, evictedBy, type PlannedChange, specOf, stepsOf, ZONE } from './what-comes-to-pass.ts';

const UNTIL = { ready: 'until all is ready', '10m': 'for 10 minutes', '1h': 'for an hour', '24h': 'for a day' };

type Asked =
  | { readonly type: 'none' }
  | { readonly type: 'asked' }
  | { readonly type: 'told'; readonly status: PlanStatus; readonly of: string }
  | { readonly type: 'refused'; readonly error: Error };

/** What would happen if: manifests were applied, a zone failed, a node was drained. Nothing is written, until one has it done. */
export function WhatIf() {
  const [changes, setChanges] = useState<readonly PlannedChange[]>([]);
  const [until, setUntil] = useState('ready');
  const [namespace, setNamespace] = useState('default');
  const [force, setForce] = useState(false);
  const [asked, setAsked] = useState<Asked>({ type: 'none' });
  const [applies, setApplies] = useState(false);
  const [told, setTold] = useState('');
  const cluster = clusterName.value;
  const documents = documentsOf(draft.value);
  const key = JSON.stringify([cluster, at.value, draft.value, changes, until, namespace, force]);
  const isEmpty = documents.length === 0 && changes.length === 0;
  const last = useRef(new AbortController());
  useEffect(() => () => last.current.abort(), [cluster]);
  const plan = async () => {
    last.current.abort();
    last.current = new AbortController();
    const { signal } = last.current;
    setAsked({ type: 'asked' });
    setTold('');
    try {
      const spec = { manifests: documents.map(({ text }) => text), changes: changes.map(specOf), until, namespace, force };
      const body = { apiVersion: 'logplane.dev/v1', kind: 'Plan', metadata: { name: 'what-if' }, spec };
      const { status } = await get<{ status: PlanStatus }>({ cluster, at: at.value }, '/apis/logplane.dev/v1/plans', { method: 'POST', body, signal });
      setAsked({ type: 'told', status, of: key });
    } catch (error) {
      if (!signal.aborted) setAsked({ type: 'refused', error: error as Error });
    }
  };
  const apply = async () => {
    const [nodes, pods] = [objects('nodes'), objects('pods')];
    const text = transactionOf({ manifests: draft.value, steps: changes.flatMap((change) => stepsOf(change, nodes)), force });
    const path = `/apis/logplane.dev/v1/namespaces/${encodeURIComponent(namespace)}/transactions`;
    await call({ cluster }, path, {
      method: 'POST',
      body: text,
      type: 'application/yaml',
      query: { fieldManager: 'logplane-page', fieldValidation: 'Strict' },
    });
    const evicted = changes.flatMap((change) => evictedBy(change, nodes, pods));
    let kept = 0;
    for (const { metadata } of evicted) {
      const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: metadata.name, namespace: metadata.namespace } };
      await call({ cluster }, `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}/eviction`, { method: 'POST', body }).catch(() => kept++);
    }
    setTold(
      `Done, as one Transaction${evicted.length === 0 ? '' : `; of ${evicted.length} pods to be evicted, ${kept === 0 ? 'all are' : `${kept} are kept, by a disruption budget or because they are gone`}`}.`,
    );
  };
  const isTold = asked.type === 'told';
  const isPlanned = isTold && asked.of === key;
  return (
    <section class="what-if" aria-labelledby="what-if">
      <h1 id="what-if">What would happen if …</h1>
      <div class="sides">
        <div class="panel">
          <h2>… these manifests were applied</h2>
          <Editor text={draft.value} change={(text) => (draft.value = text)} label="Manifests as YAML" />
          <h2>… and this came to pass</h2>
          <ComesToPass changes={changes} change={setChanges} />
          <div class="fields">
            <label>
              Look on{' '}
              <select value={until} onChange={({ currentTarget }) => setUntil(currentTarget.value)}>
                {Object.entries(UNTIL).map(([value, words]) => (
                  <option key={value} value={value}>
                    {words}
                  </option>
                ))}
              </select>
            </label>
            <label>
              Namespace, where none is named <input value={namespace} onInput={({ currentTarget }) => setNamespace(currentTarget.value)} />
            </label>
            <label>
              <input type="checkbox" checked={force} onChange={({ currentTarget }) => setForce(currentTarget.checked)} /> Take over fields that others have set
            </label>
          </div>
          <p class="actions">
            <button type="button" class={isPlanned ? '' : 'primary'} disabled={isEmpty || asked.type === 'asked'} onClick={plan}>
              Plan
            </button>
            <button
              type="button"
              class={!isPlanned ? '' : asked.status.result === 'Succeeds' ? 'primary' : 'dangerous'}
              disabled={isEmpty || isPast.value || !isPlanned}
              onClick={() => setApplies(true)}
            >
              Do it …
            </button>
          </p>
          {isPast.value && <p class="quiet">The plan is about the cluster as it was at {offset.value}. What is past cannot be changed.</p>}
        </div>
        <div class="panel" aria-live="polite">
          <h2>What comes of it</h2>
          {told && <output>{told}</output>}
          {asked.type === 'none' && (
            <p class="quiet">
              Write manifests, or add a zone or a node that fails, and press Plan: a copy of the cluster goes on in time of its own, and tells what has come of
              it. Nothing is written.
            </p>
          )}
          {asked.type === 'asked' && <output class="quiet">The cluster thinks it through …</output>}
          {asked.type === 'refused' && <Refusal error={asked.error} />}
          {isTold && !isPlanned && <p class="changed">This is of what stood there before: plan again.</p>}
          {isTold && <ShownPlan status={asked.status} />}
        </div>
      </div>
      {applies && (
        <Ask title={`Do it in ${cluster}`} yes="Do it" isDangerous={isTold && asked.status.result !== 'Succeeds'} act={apply} close={() => setApplies(false)}>
          <p>
            {documents.length} {documents.length === 1 ? 'manifest is' : 'manifests are'} applied{changes.length > 0 && ' and what was to come to pass is done'}
            , as one Transaction: all of it, or nothing.
            {changes.some(({ type }) => type === 'Drain') && ' Pods are evicted behind it, as far as disruption budgets let them.'}
          </p>
          {isTold && asked.status.result !== 'Succeeds' && <p class="removed">The plan says: {asked.status.message}</p>}
        </Ask>
      )}
    </section>
  );
}

interface ComesToPassProps {
  readonly changes: readonly PlannedChange[];
  readonly change: (changes: readonly PlannedChange[]) => void;
}

/** Zones and nodes, and what becomes of them. */
function ComesToPass({ changes, change }: ComesToPassProps) {
  void version.value;
  const nodes = [...objects('nodes').values()];
  const zones = [...new Set(nodes.flatMap(({ metadata }) => metadata.labels?.[ZONE] ?? []))].sort();
  const names = nodes.map(({ metadata }) => metadata.name).sort();
  const targets = [...zones.map((zone) => `zone ${zone}`), ...names.map((name) => `node ${name}`)];
  const put = (i: number, now: Partial<PlannedChange>) => change(changes.map((one, j) => (j === i ? { ...one, ...now } : one)));
  return (
    <div class="comes-to-pass">
      {changes.map(({ type, target }, i) => (
        <p key={i}>
          <select aria-label="Zone or node" value={target} onChange={({ currentTarget }) => put(i, { target: currentTarget.value })}>
            {[...new Set([target, ...targets])].map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
          <select aria-label="What becomes of it" value={type} onChange={({ currentTarget }) => put(i, { type: currentTarget.value as PlannedChange['type'] })}>
            {Object.entries(CHANGE_TYPES).map(([value, words]) => (
              <option key={value} value={value}>
                {words}
              </option>
            ))}
          </select>
          <button type="button" aria-label={`Not ${target}`} onClick={() => change(changes.filter((_, j) => j !== i))}>
            ×
          </button>
        </p>
      ))}
      <button type="button" disabled={targets.length === 0} onClick={() => change([...changes, { type: 'Fail', target: targets[0]! }])}>
        Add a zone or a node
      </button>
      {targets.length === 0 && <span class="quiet">There are no nodes.</span>}
    </div>
  );
}
