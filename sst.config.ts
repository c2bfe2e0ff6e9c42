/// <reference path="./.sst/platform/config.d.ts" />

/**
 * A deployment of Logplane to AWS: `npx sst deploy --stage NAME` (docs/deploy.md). The parts are in infra/, one file for each family of resources.
 */
export default $config({
  async app(input) {
    // SST takes no import at the top of this file.
    const { isDisposable } = await import('./infra/stages.ts');
    // The log is all there is of the clusters: it stays even when the deployment is removed, unless the stage was named disposable.
    const kept = !isDisposable(input?.stage ?? '');
    return {
      name: 'logplane',
      home: 'aws',
      removal: kept ? 'retain' : 'remove',
      protect: kept,
      providers: { aws: { version: '7.20.0' } },
    };
  },
  async run() {
    const { table } = await import('./infra/table.ts');
    await import('./infra/relay.ts');
    await import('./infra/reconcilers.ts');
    const { alarms } = await import('./infra/alarms.ts');
    const { api } = await import('./infra/api.ts');
    // `server`: what a kubeconfig has under this name, for the default cluster; `clusters/NAME` behind it is any other.
    return { server: api.url, table: table.name, alarms };
  },
});
