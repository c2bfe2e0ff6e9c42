import { type McpServer, type ReadResourceResult, ResourceTemplate } from '@modelcontextprotocol/server';
import { formatYaml } from '../../core/api/codec/yaml.ts';
import type { KubeObject } from '../../core/kube/object.ts';
import { MOST_CHARACTERS } from './bounded.ts';
import type { Reach } from './reach.ts';
import { refusalText } from './refusal.ts';
import { shownObject } from './shown-object.ts';
import { CLUSTER } from './tool.ts';

/** Objects as resources, so that people can put one into a conversation: `logplane://cluster/default@120/namespaces/shop/deployments.apps/web`. */
export function addResources(server: McpServer, reach: Reach): void {
  const about = { mimeType: 'application/yaml' };
  const inNamespace = new ResourceTemplate('logplane://cluster/{cluster}/namespaces/{namespace}/{kind}/{name}', { list: undefined });
  const ofCluster = new ResourceTemplate('logplane://cluster/{cluster}/{kind}/{name}', { list: undefined });
  const description = 'as YAML. The cluster is NAME, or NAME@AT: as it was at an offset or a time.';
  server.registerResource('object', inNamespace, { ...about, title: 'An object of a namespace', description: `An object ${description}` }, (uri, variables) =>
    read(uri, variables as Readonly<Record<string, string>>, reach),
  );
  server.registerResource(
    'cluster-object',
    ofCluster,
    { ...about, title: 'An object of no namespace', description: `A node, a namespace, … ${description}` },
    (uri, variables) => read(uri, variables as Readonly<Record<string, string>>, reach),
  );
}

async function read(uri: URL, variables: Readonly<Record<string, string>>, reach: Reach): Promise<ReadResourceResult> {
  const [cluster, namespace, kind, name] = ['cluster', 'namespace', 'kind', 'name'].map((key) =>
    variables[key] === undefined ? undefined : decodeURIComponent(variables[key]),
  );
  if (!CLUSTER.test(cluster!)) throw new Error(`${cluster} is no cluster: NAME or NAME@AT is needed`);
  try {
    const client = await reach.client({ cluster, namespace });
    const object = await client.get<KubeObject>((await reach.named(`${kind}/${name}`, client)).path);
    const text = formatYaml(shownObject(object, reach));
    const isLong = text.length > MOST_CHARACTERS;
    const shown = isLong ? `${text.slice(0, MOST_CHARACTERS)}\n# ${text.length - MOST_CHARACTERS} more characters: the tool get with path shows parts\n` : text;
    return { contents: [{ uri: uri.href, mimeType: 'application/yaml', text: shown }] };
  } catch (error) {
    throw new Error(refusalText(error), { cause: error });
  }
}
