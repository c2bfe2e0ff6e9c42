import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from './chromium.ts';
import { OpenedPage } from './opened-page.ts';

const WEB = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'nginx:1.29', resources: { requests: { cpu: '10m' } } }] } },
  },
};
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
const MERGE = 'application/merge-patch+json';

describe.skipIf(chromiumPath === undefined)('objects, plans and clusters on the page (skipped where there is no Chromium, nor root to install it)', () => {
  let at: OpenedPage;
  const web = () => at.api<typeof WEB & { metadata: { resourceVersion: string } }>('GET', `${DEPLOYMENTS}/web`);
  /** Puts a text in the place of what is in the editor. */
  const type = async (label: string, text: string) => {
    const editor = at.page.getByLabel(label).and(at.page.locator('.cm-content'));
    await editor.waitFor();
    await editor.focus();
    await at.page.keyboard.press('Control+A');
    // Where text is typed over other text, Chromium wants to keep its looks with a style attribute, and notes that the policy does not let it.
    await at.page.keyboard.press('Backspace');
    await at.page.keyboard.insertText(text);
  };
  const inEditor = async (label: string) => (await at.page.getByLabel(label).and(at.page.locator('.cm-content')).innerText()).replaceAll('\n\n', '\n');
  const button = (name: string | RegExp) => at.page.locator('main').getByRole('button', { name, exact: true });

  beforeAll(async () => {
    at = await OpenedPage.open();
    await at.api('POST', DEPLOYMENTS, WEB);
  });
  afterAll(() => at?.close());

  it('are found by their kind, also one that was defined just now', async () => {
    await at.goTo('#/default/object');
    await at.until('.groups a', /^Deployment$/);
    await at.api('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'widgets.example.com' },
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names: { plural: 'widgets', singular: 'widget', kind: 'Widget' },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: { size: { type: 'integer' } } } } } },
            additionalPrinterColumns: [{ name: 'Size', type: 'integer', jsonPath: '.spec.size' }],
          },
        ],
      },
    });
    await at.page.getByRole('link', { name: 'Widget' }).click();
    await at.until('.listing', /There are none/);
    await at.api('POST', '/apis/example.com/v1/namespaces/default/widgets', {
      apiVersion: 'example.com/v1',
      kind: 'Widget',
      metadata: { name: 'a' },
      spec: { size: 7 },
    });
    await at.until('.listing .row', /default\/a\s*7/);
    await at.page.getByRole('link', { name: 'a', exact: true }).click();
    await at.until('pre.lines', /kind: Widget[\s\S]*size: 7/);
    expect(await at.page.locator('pre.lines').innerText()).not.toContain('managedFields');
  });

  it('say what happened to them, who did it and because of what', async () => {
    await at.api('PATCH', `${DEPLOYMENTS}/web`, { spec: { replicas: 3 } }, MERGE);
    await at.goTo('#/default/object/apps/v1/replicasets');
    await at.page.locator('.listing .row a').first().click();
    await at.page.getByRole('tab', { name: 'Changes' }).click();
    await at.page.locator('.change', { hasText: 'spec.replicas' }).first().click();
    await at.until('.causes li', /deployment\.apps\/web.*spec\.replicas.*by logplane-admin/);
    await at.until('.differences li', /\.spec\.replicas\s*2\s*3/);
    await button(/As YAML/).click();
    await at.until('.shown-change pre .removed', /replicas: 2/);
    await at.until('.shown-change pre .added', /replicas: 3/);
    expect(await at.violations()).toEqual([]);
    await at.screenshot('changes');
    await at.page.locator('.causes a').first().click();
    await at.until('h1', /^web$/);
    await at.page.getByRole('tab', { name: 'Who made it so' }).click();
    await at.until('.rows .row', /\.spec\.replicas\s*3\s*\d+\s*logplane-admin/);
    expect(await at.violations()).toEqual([]);
  });

  it('are edited: tried first, with what would be different, and refused in the words of the server', async () => {
    await at.goTo('#/default/object/apps/v1/deployments/default/web?tab=edit');
    const before = (await web()).metadata.resourceVersion;
    const text = await inEditor('web as YAML');
    await type('web as YAML', text.replace('replicas: 3', 'replicas: 4').replace('image: nginx:1.29', 'image: nginx:1.30'));
    expect(await button('Write it').isDisabled()).toBe(true);
    await button('Try it').click();
    await at.until('.outcome pre .removed', /image: nginx:1\.29/);
    await at.until('.outcome pre .added', /image: nginx:1\.30/);
    expect((await web()).metadata.resourceVersion).toBe(before);
    expect(await at.violations()).toEqual([]);
    await at.screenshot('edit');
    await button('Write it').click();
    await at.until('.outcome output', /Written/);
    expect(await web()).toMatchObject({ spec: { replicas: 4, template: { spec: { containers: [{ image: 'nginx:1.30' }] } } } });
    await type('web as YAML', (await inEditor('web as YAML')).replace('replicas: 4', 'replicas: many'));
    await button('Try it').click();
    await at.until('.outcome [role=alert]', /replicas/);
  });

  it('tell of a conflict, and put what was changed on the newest version', async () => {
    await at.goTo('#/default/object/example.com/v1/widgets/default/a?tab=edit');
    await at.page.reload();
    const text = await inEditor('a as YAML');
    await type('a as YAML', `${text.trimEnd()}\n  `.replace('size: 7', 'size: 8'));
    await at.api('PATCH', '/apis/example.com/v1/namespaces/default/widgets/a', { metadata: { labels: { meanwhile: 'yes' } } }, MERGE);
    await at.until('.outcome', /has changed since you began/);
    await button('Try it').click();
    await at.until('.outcome [role=alert]', /the object has been modified/);
    await button(/Put my changes on/).click();
    await button('Try it').click();
    await at.until('.outcome pre .added', /size: 8/);
    await button('Write it').click();
    await at.until('.outcome output', /Written/);
    expect(await at.api('GET', '/apis/example.com/v1/namespaces/default/widgets/a')).toMatchObject({
      metadata: { labels: { meanwhile: 'yes' } },
      spec: { size: 8 },
    });
  });

  it('are brought back: a change is undone, and what was deleted is made again', async () => {
    const { metadata } = await at.api<{ metadata: { resourceVersion: string } }>('PATCH', `${DEPLOYMENTS}/web`, { spec: { replicas: 1 } }, MERGE);
    await at.goTo(`#/default/object/apps/v1/deployments/default/web?tab=changes&change=${metadata.resourceVersion}`);
    await button('Undo …').click();
    await at.until('dialog.ask .restored', /changed back deployments\.apps default\/web/);
    expect(await at.violations()).toEqual([]);
    await at.page.locator('dialog.ask').getByRole('button', { name: 'Undo', exact: true }).click();
    await at.page.locator('dialog.ask').waitFor({ state: 'detached' });
    expect((await web()).spec.replicas).toBe(4);
    const there = (await web()).metadata.resourceVersion;
    await button('Delete …').click();
    await at.page.locator('dialog.ask').getByRole('button', { name: 'Delete', exact: true }).click();
    await at.until('.failure', /"web" not found/);
    await at.until('.change', /deleted/);
    await at.goTo(`#/default@${there}/object/apps/v1/deployments/default/web`);
    await at.until('pre.lines', /replicas: 4/);
    await button(/Make it again/).click();
    await at.until('dialog.ask .restored', /made again deployments\.apps/);
    await at.page.locator('dialog.ask').getByRole('button', { name: 'Bring it back' }).click();
    await at.page.locator('dialog.ask').waitFor({ state: 'detached' });
    expect((await web()).spec.replicas).toBe(4);
  });

  it('of pods say plainly that there are no logs and no terminal yet', async () => {
    await at.goTo('#/default/object/core/v1/pods');
    await at.page.locator('.listing .row a', { hasText: 'web' }).first().click();
    await at.page.getByRole('tab', { name: 'Logs' }).click();
    await at.until('.tab', /There are no logs yet[\s\S]*The cluster says: log of pods is not supported/);
    await at.page.keyboard.press('ArrowRight');
    await at.until('.tab', /There is no terminal yet/);
  });

  it('plans what would happen, and does it as one Transaction', async () => {
    await at.goTo('#/default/what-if');
    await type(
      'Manifests as YAML',
      '# two of them\n---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  text: |\n    a line\n\n    another one\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: huge}\nspec: {containers: [{name: c, image: nginx, resources: {requests: {cpu: "64"}}}]}\n',
    );
    await button('Add a zone or a node').click();
    await button('Plan').click();
    await at.until('.plan', /Fails[\s\S]*Pods without a node[\s\S]*huge[\s\S]*ConfigMap default\/settings[\s\S]*lost: /);
    expect(await at.violations()).toEqual([]);
    await at.screenshot('what-if');
    await at.page.getByLabel('What becomes of it').selectOption('Cordon');
    expect(await button('Do it …').isDisabled()).toBe(true);
    await button('Plan').click();
    await at.until('.plan', /Node ip-.*unschedulable/s);
    await button('Do it …').click();
    await at.page.locator('dialog.ask').getByRole('button', { name: 'Do it' }).click();
    await at.until('output', /Done, as one Transaction/);
    expect(await at.api('GET', '/api/v1/namespaces/default/configmaps/settings')).toMatchObject({ data: { text: 'a line\n\nanother one\n' } });
    const { items } = await at.api<{ items: { spec: { unschedulable?: boolean } }[] }>('GET', '/api/v1/nodes');
    expect(items.filter(({ spec }) => spec.unschedulable)).toHaveLength(1);
  });

  it('forks a cluster where the slider is, shows both as a tree with what they cost, resets and deletes', async () => {
    const { metadata } = await web();
    await at.api('POST', '/api/v1/namespaces/default/configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'later' } });
    await at.goTo('#/default/object/core/v1/configmaps');
    await at.until('.listing .row', /later/);
    await at.goTo(`#/default@${metadata.resourceVersion}/clusters`);
    await button(`Fork at ${metadata.resourceVersion} …`).click();
    await at.page.locator('dialog.ask').getByLabel('Name').fill('try');
    expect(await at.violations()).toEqual([]);
    await at.page.locator('dialog.ask').getByRole('button', { name: 'Fork' }).click();
    await at.until('.brand', /try/);
    await at.goTo('#/try/clusters');
    await at.until('.rows .row', new RegExp(`try shown here fork at ${metadata.resourceVersion}`));
    await at.until('.shown-cluster', /\d+ write units/);
    await at.screenshot('clusters');
    expect(await at.violations()).toEqual([]);
    await at.api('DELETE', '/clusters/try/api/v1/namespaces/default/configmaps/kube-root-ca.crt');
    await button('Reset …').click();
    await at.page.locator('dialog.ask').getByLabel('To').fill(metadata.resourceVersion);
    await at.page.locator('dialog.ask').getByRole('button', { name: 'Reset' }).click();
    await at.until('.cluster-figures', new RegExp(`to ${metadata.resourceVersion}`));
    await button('Delete …').click();
    expect(await at.page.locator('dialog.ask').getByRole('button', { name: 'Delete' }).isDisabled()).toBe(true);
    await at.page.locator('dialog.ask').getByLabel('Type its name').fill('try');
    await at.page.locator('dialog.ask').getByRole('button', { name: 'Delete' }).click();
    await at.until('.brand', /default/);
    await at.page.locator('.rows .row', { hasText: 'try' }).waitFor({ state: 'detached' });
  });

  it('tells of subscriptions, how far behind they are and why', async () => {
    await at.goTo('#/default/subscriptions');
    await at.until('.subscriptions', /Nobody is told/);
    await at.api('POST', '/apis/logplane.dev/v1/namespaces/default/subscriptions', {
      apiVersion: 'logplane.dev/v1',
      kind: 'Subscription',
      metadata: { name: 'nobody' },
      spec: { target: { webhook: { url: 'http://127.0.0.1:9/none' } } },
    });
    await at.api('POST', '/api/v1/namespaces/default/configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'told-of' } });
    await at.until('.subscriptions .row', /default\/nobody[\s\S]*webhook http:\/\/127\.0\.0\.1:9\/none\s*[1-9]/);
    expect(await at.violations()).toEqual([]);
    await at.screenshot('subscriptions');
  });

  it('are shown as far as who is signed in may read them, who is signed out when the token ends, and by no other cluster', async () => {
    const accounts = '/api/v1/namespaces/default/serviceaccounts';
    await at.api('POST', accounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'reader' } });
    await at.api('POST', '/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings', {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'reader' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
      subjects: [{ kind: 'ServiceAccount', name: 'reader' }],
    });
    const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
    const { status } = await at.api<{ status: { token: string } }>('POST', `${accounts}/reader/token`, request);
    const page = await at.stranger();
    const signIn = async (token: string) => {
      await page.getByLabel('Token').fill(token);
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    };
    await page.getByText('Sign in with a token').click();
    await signIn('of-nobody');
    await at.until('[role=alert]', /That token is not known/, page);
    await signIn(status.token);
    await at.until('.notice', /You may read nothing of the whole cluster/, page);
    expect(await at.violations(page)).toEqual([]);
    await at.goTo('#/default/object/apps/v1/deployments', page);
    await at.until('.failure', /cannot list resource "deployments".* at the cluster scope/, page);
    await page.getByLabel('You may be allowed to read those of one namespace').fill('default');
    await page.keyboard.press('Enter');
    await at.until('.listing .row', /default\/web/, page);
    expect(await at.violations(page)).toEqual([]);
    await page.locator('.listing .row a', { hasText: 'web' }).click();
    await at.until('pre.lines', /kind: Deployment/, page);
    await at.goTo('#/default/object/core/v1/secrets/default/none', page);
    await at.until('.failure', /cannot get resource "secrets"/, page);
    expect(await page.getByRole('tab').allInnerTexts()).toEqual(['Changes']);
    // The cluster `root` does not know this token, which is good all the same.
    await at.goTo('#/default/clusters', page);
    await at.until('.clusters', /may not read the cluster root/, page);
    await at.goTo('#/default/now', page);
    await at.until('.notice', /You may read nothing of the whole cluster/, page);
    await at.api('DELETE', `${accounts}/reader`);
    await at.goTo('#/default/object/core/v1/pods', page);
    await at.until('main.door [role=alert]', /The session is over/, page);
    await page.context().close();
  });

  for (const colorScheme of ['light', 'dark'] as const)
    it(`are to be read on a telephone, ${colorScheme}`, async () => {
      const page = await at.another({ viewport: { width: 400, height: 800 }, colorScheme });
      for (const [name, hash, shown] of [
        ['objects', '#/default/object', /Deployment/],
        ['object', '#/default/object/apps/v1/deployments/default/web?tab=edit', /Try it/],
        ['blame', '#/default/object/apps/v1/deployments/default/web?tab=blame', /spec\.replicas/],
        ['what-if', '#/default/what-if', /What comes of it/],
        ['clusters', '#/default/clusters', /What it has cost/],
        ['subscriptions', '#/default/subscriptions', /nobody/],
      ] as const) {
        await at.goTo(hash, page);
        await at.until('main', shown, page);
        expect(await page.evaluate('document.documentElement.scrollWidth'), name).toBe(400);
        expect(await at.violations(page), name).toEqual([]);
        await at.screenshot(`narrow-${name}-${colorScheme}`, page);
      }
      await page.context().close();
    });

  it('has the browser complain of nothing', () => {
    expect(at.complaints).toEqual([]);
  });
});
