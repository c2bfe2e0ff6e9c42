import type { ApiResource } from '../../core/apis/api-resource.ts';
import { Apis } from '../../core/apis/apis.ts';

/** What a cluster without definitions of its own serves, of the registry that discovery is made of. */
export function kindsPage(): string {
  const groups = Map.groupBy(Apis.builtIn.resources, ({ group }) => group);
  return [
    '# Kinds',
    '',
    `What a cluster serves that has no definitions of its own: ${Apis.builtIn.resources.length} resources in ${groups.size} groups. The group \`logplane.dev\` is Logplane's own,`,
    'the cluster `root` has [`clusters`](/clusters) in it besides. All else is as in Kubernetes; which fields are checked, and how, [is a page of its own](/validation).',
    '',
    ...[...groups].flatMap(([group, resources]) => [
      `## ${group || 'core'}`,
      '',
      '| kind | resource | versions | in a namespace | verbs | subresources |',
      '|---|---|---|---|---|---|',
      ...resources.map(row),
      '',
    ]),
  ].join('\n');
}

function row({ kind, resource, shortNames, namespaced, versions }: ApiResource): string {
  const [first] = versions;
  const subresources = Object.keys(first!.subresources).sort();
  const names = [resource, ...shortNames].map((name) => `\`${name}\``).join(', ');
  return `| ${kind} | ${names} | ${versions.map(({ version }) => version).join(', ')} | ${namespaced ? 'yes' : 'no'} | ${first!.verbs.join(', ')} | ${subresources.join(', ')} |`;
}
