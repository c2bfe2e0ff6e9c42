import { mkdtempSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CommandLineHost } from '../test/support/command-line.ts';

let at: CommandLineHost;
beforeAll(async () => {
  at = await CommandLineHost.start({ nodes: 1 });
});
afterAll(() => at.close());

const apply = (...args: string[]) => at.run(['apply', ...args]).then(({ code, out, err }) => ({ code, text: code === 0 ? out : err }));

function manifests(name: string, files: Record<string, string>): string {
  const folder = mkdtempSync(path.join(at.dir, name));
  for (const [file, text] of Object.entries(files)) writeFileSync(path.join(folder, file), text);
  return folder;
}

const shop = (replicas: string) => ({
  'a.yaml': `
apiVersion: example.com/v1
kind: Widget
metadata: {name: w, namespace: shop}
size: 3
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: nginx}]}
`,
  'b.yaml': `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: widgets, kind: Widget}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, properties: {size: {type: integer}}}}}]
---
apiVersion: v1
kind: Namespace
metadata: {name: shop}
`,
});

describe('logplane apply --atomic', () => {
  it('applies all or nothing, with namespaces and definitions that others need', async () => {
    const wrong = manifests('wrong', shop('-1'));
    expect(await apply('--atomic', '-f', wrong)).toEqual({
      code: 1,
      text: `logplane: ${path.join(wrong, 'a.yaml')}: deployment.apps/web: Deployment.apps "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0\n`,
    });
    const replica = (await at.host.replica('default'))!;
    expect(replica.state.get('namespaces', undefined, 'shop')).toBeUndefined();

    const right = manifests('right', shop('2'));
    const dry = await apply('--atomic', '--dry-run', '-f', right);
    expect(dry).toEqual({ code: 0, text: expect.stringContaining('namespace/shop serverside-applied (server dry run)\n') });
    expect(replica.state.get('namespaces', undefined, 'shop')).toBeUndefined();
    const lines = ['namespace/shop', 'customresourcedefinition.apiextensions.k8s.io/widgets.example.com', 'widget.example.com/w', 'deployment.apps/web'];
    const { code, text } = await apply('--atomic', '-f', right);
    expect({ code, text }).toEqual({ code: 0, text: expect.stringMatching(/transaction\.logplane\.dev\/apply-\w+ created\n$/) });
    expect(text.split('\n').slice(0, 4)).toEqual(lines.map((line) => `${line} serverside-applied`));
    expect(replica.state.get('widgets.example.com', 'shop', 'w')).toMatchObject({ size: 3 });
    // Again, it finds all as it is to be.
    expect(await apply('--atomic', '-f', right)).toMatchObject({ code: 0 });
  });

  it.each([
    { name: 'a file that is not there', args: () => ['--atomic', '-f', 'absent.yaml'], want: 'the path "absent.yaml" does not exist' },
    {
      name: 'a namespace that is not there',
      args: () => ['--atomic', '-n', 'absent', '-f', manifests('one', { 'a.yaml': '{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}' })],
      want: 'namespaces "absent" not found',
    },
  ])('refuses $name', async ({ args, want }) => {
    const { code, text } = await apply(...args());
    expect({ code, text }).toEqual({ code: 1, text: expect.stringContaining(want) });
  });
});
