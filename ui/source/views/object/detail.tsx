import { useState } from 'preact/hooks';
import { ApiError, get } from '../../api/client.ts';
import { type ApiResource, pathOf } from '../../api/discovery.ts';
import { yamlOf } from '../../api/yaml.ts';
import { at, clusterName, isPast, offset } from '../../model/cluster.ts';
import { Refusal } from '../../parts/refusal.tsx';
import { Tabs } from '../../parts/tabs.tsx';
import { useBeat } from '../../parts/use-beat.ts';
import { useRead } from '../../parts/use-read.ts';
import { YamlText } from '../../parts/yaml-text.tsx';
import { go, linkTo, route } from '../../route.ts';
import { Blame } from './blame.tsx';
import { Changes } from './changes.tsx';
import { Containers } from './containers.tsx';
import { Edit } from './edit.tsx';
import { groupResourceOf, linkToNamed, restOf } from './place.ts';
import { BringBack, Remove } from './removal.tsx';

interface DetailProps {
  readonly resource: ApiResource;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly resources: readonly ApiResource[];
}

interface Head {
  readonly metadata: {
    readonly deletionTimestamp?: string;
    readonly ownerReferences?: readonly { readonly apiVersion: string; readonly kind: string; readonly name: string }[];
  };
}

/** One object: as YAML, what happened to it and why, who made which field what it is; and what can be done with it. */
export function Detail({ resource, namespace, name, resources }: DetailProps) {
  const cluster = clusterName.value;
  const when = at.value;
  const path = pathOf(resource, { namespace, name });
  const beat = useBeat({ cluster, path: when === undefined ? pathOf(resource, { namespace }) : undefined, fieldSelector: `metadata.name=${name}` });
  const read = useRead(
    async (signal) => {
      const where = { cluster, at: when };
      const [text, head] = await Promise.all([
        yamlOf(where, path, { signal }),
        get<Head>(where, path, { query: { fields: 'metadata.ownerReferences,metadata.deletionTimestamp' }, signal }),
      ]);
      return { text, head };
    },
    `${cluster} ${path}`,
    [when, beat],
  );
  const [asks, setAsks] = useState<'remove' | 'bring back' | undefined>();
  const { query } = route.value;
  const isGone = read.error instanceof ApiError && read.error.code === 404;
  /** What was read before it was gone, or could not be read any more. */
  const shown = isGone ? undefined : read.value;
  /** It may be there, and is not this user's to see. */
  const isHidden = read.error !== undefined && !isGone && !shown;
  const tabs = tabsFor(resource, { isGone: isGone || isHidden });
  const tab = tabs.find((one) => one.name === query['tab'])?.name ?? tabs[0]!.name;
  const owners = shown?.head.metadata.ownerReferences ?? [];
  const select = (wanted: string) => go({ ...route.value, query: wanted === 'yaml' ? {} : { tab: wanted } });
  return (
    <article class="object" aria-labelledby="object">
      <p class="path">
        <a href={linkTo({ view: 'object' })}>Objects</a> / <a href={linkTo({ view: 'object', rest: restOf(resource) })}>{resource.kind}</a>
        {namespace && (
          <>
            {' '}
            / <a href={linkTo({ view: 'object', rest: ['core', 'v1', 'namespaces', namespace] })}>{namespace}</a>
          </>
        )}
      </p>
      <header>
        <h1 id="object">{name}</h1>
        <span class="quiet">{groupResourceOf(resource)}</span>
        {shown?.head.metadata.deletionTimestamp && <em class="bad">being deleted</em>}
        {owners.map((owner) => {
          const [group = '', version] = owner.apiVersion.split('/');
          const kind = `${owner.kind.toLowerCase()}${version === undefined ? '' : `.${group}`}`;
          return (
            <span key={owner.name} class="quiet">
              of {owner.kind} <a href={linkToNamed(resources, { object: `${kind}/${owner.name}`, namespace })}>{owner.name}</a>
            </span>
          );
        })}
        <p class="actions">
          {isPast.value && (
            <button type="button" onClick={() => setAsks('bring back')}>
              Make it again as it was at {offset.value} …
            </button>
          )}
          {shown && !isPast.value && resource.verbs.includes('delete') && (
            <button type="button" class="dangerous" onClick={() => setAsks('remove')}>
              Delete …
            </button>
          )}
        </p>
      </header>
      <Refusal error={read.error} />
      <Tabs tabs={tabs} selected={tab} select={select} label={`What to see of ${name}`}>
        {tab === 'yaml' && (shown ? <YamlText text={shown.text} label={`${name} as YAML`} /> : read.isLoading && <output class="quiet">Reading …</output>)}
        {tab === 'changes' && <Changes resource={resource} namespace={namespace} name={name} resources={resources} beat={beat} />}
        {tab === 'blame' && <Blame path={path} beat={beat} />}
        {tab === 'edit' && shown && <Edit path={path} name={name} newest={shown.text} />}
        {(tab === 'logs' || tab === 'terminal') && <Containers path={path} wanted={tab} />}
      </Tabs>
      {asks === 'remove' && <Remove path={path} kind={resource.kind} name={name} close={() => setAsks(undefined)} />}
      {asks === 'bring back' && <BringBack resource={resource} namespace={namespace} name={name} close={() => setAsks(undefined)} />}
    </article>
  );
}

function tabsFor(
  { resource, group, verbs, subresources }: ApiResource,
  { isGone }: { readonly isGone: boolean },
): readonly { readonly name: string; readonly title: string }[] {
  const changes = { name: 'changes', title: 'Changes' };
  if (isGone) return [changes];
  const isPod = resource === 'pods' && group === '';
  return [
    { name: 'yaml', title: 'YAML' },
    changes,
    ...(subresources.includes('blame') || verbs.includes('update') ? [{ name: 'blame', title: 'Who made it so' }] : []),
    ...(verbs.includes('update') ? [{ name: 'edit', title: 'Edit' }] : []),
    ...(isPod
      ? [
          { name: 'logs', title: 'Logs' },
          { name: 'terminal', title: 'Terminal' },
        ]
      : []),
  ];
}
