import { resourcesOf } from '../../api/discovery.ts';
import { at, clusterName } from '../../model/cluster.ts';
import { Refusal } from '../../parts/refusal.tsx';
import { useBeat } from '../../parts/use-beat.ts';
import { useRead } from '../../parts/use-read.ts';
import { linkTo, route } from '../../route.ts';
import { Detail } from './detail.tsx';
import { Listing } from './listing.tsx';
import { placeOf } from './place.ts';
import { Resources } from './resources.tsx';

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/** Objects of any kind: which kinds there are, the objects of one, and an object with all that happened to it. */
export function Objects() {
  const cluster = clusterName.value;
  const when = at.value;
  // What is served changes with what is defined.
  const beat = useBeat({ cluster, path: when === undefined ? DEFINITIONS : undefined });
  const { value: resources, error } = useRead((signal) => resourcesOf({ cluster, at: when }, signal), cluster, [when, beat]);
  if (error && !resources) return <Refusal error={error} />;
  if (!resources) return <output class="quiet">Asking what there is …</output>;
  const place = placeOf(route.value.rest);
  if (place.type === 'resources') return <Resources resources={resources} />;
  const { group, resource } = place.resource;
  const served = resources.find((one) => one.group === group && one.resource === resource);
  if (!served)
    return (
      <section class="panel">
        <h1>{resource}</h1>
        <p role="alert">
          The cluster {when === undefined ? '' : `as it was at ${when} `}serves no {resource}
          {group && ` of ${group}`}. <a href={linkTo({ view: 'object' })}>What it serves</a>
        </p>
      </section>
    );
  // In the version of the link: a resource may have several.
  const wanted = { ...served, version: place.resource.version };
  if (place.type === 'list') return <Listing key={`${cluster} ${group}/${resource} ${route.value.query['namespace']}`} resource={wanted} />;
  const { namespace, name } = place;
  return <Detail key={`${cluster} ${group}/${resource}/${namespace}/${name}`} resource={wanted} namespace={namespace} name={name} resources={resources} />;
}
