import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { binaries } from '../support/binaries.ts';
import { type Cluster, startCluster } from './cluster.ts';
import { normalise } from './normalise.ts';

/** What a user types who watches an autoscaler at work, in a cluster where a minute lasts a tenth of a second. */
describe.skipIf(!binaries(35))('kubectl top and autoscale (kubectl runs on Linux, x64)', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({ args: ['--metrics-server', '--nodes', '1', '--clock-rate', '600'] });
    await type('kubectl -n kube-system rollout status deployment metrics-server');
    await type('kubectl apply -f manifests/autoscaled.yaml && kubectl rollout status deployment web');
  });
  afterAll(() => cluster[Symbol.asyncDispose]());

  /** What a line prints, without what differs from run to run. */
  async function type(line: string): Promise<string> {
    const { text } = await cluster.run(line);
    return normalise(text).trimEnd();
  }

  it('shows what nodes, pods and containers use', async () => {
    expect(await type('kubectl top nodes')).toBe(
      lines('NAME     CPU(cores)   CPU(%)   MEMORY(bytes)   MEMORY(%)', 'node-1   150m         7%       564Mi           7%'),
    );
    expect(await type('kubectl top pods -A --no-headers | tr -s " "')).toBe(
      lines('default web-7bf4859fd5-xxxxx 100m 64Mi', 'kube-system metrics-server-67555d7866-xxxxx 10m 100Mi'),
    );
    expect(await type('kubectl top pods --containers --no-headers | tr -s " "')).toBe('web-7bf4859fd5-xxxxx web 100m 64Mi');
    expect(await type('kubectl top pods -l app=none')).toBe('No resources found in default namespace.');
    expect(await type('kubectl get apiservice v1beta1.metrics.k8s.io')).toBe(
      lines('NAME                     SERVICE                      AVAILABLE   AGE', 'v1beta1.metrics.k8s.io   kube-system/metrics-server   True        <age>'),
    );
  });

  it('grows under load, and shrinks when it has gone', async () => {
    expect(await type('kubectl autoscale deployment web --cpu=50% --min=1 --max=8')).toBe('horizontalpodautoscaler.autoscaling/web autoscaled');
    await type("kubectl wait hpa web --for=jsonpath='{.status.currentMetrics[0].resource.current.averageUtilization}'=50 --timeout=60s");
    expect(await type('kubectl get hpa')).toBe(
      lines(
        'NAME   REFERENCE        TARGETS        MINPODS   MAXPODS   REPLICAS   AGE',
        'web    Deployment/web   cpu: 50%/50%   1         8         1          <age>',
      ),
    );

    await type('kubectl annotate deployment web --overwrite load.logplane.dev/cpu=600m');
    await type("kubectl wait hpa web --for=jsonpath='{.status.currentReplicas}'=6 --timeout=60s");
    await type("kubectl wait deployment web --for=jsonpath='{.status.readyReplicas}'=6 --timeout=60s");
    await type("kubectl wait hpa web --for=jsonpath='{.status.currentMetrics[0].resource.current.averageUtilization}'=50 --timeout=60s");
    const [described, events] = (await type('kubectl describe hpa web')).split(/^Events:$/m);
    expect(described!.trimEnd()).toBe(
      lines(
        'Name:                                                  web',
        'Namespace:                                             default',
        'Labels:                                                <none>',
        'Annotations:                                           <none>',
        'CreationTimestamp:                                     <time>',
        'Reference:                                             Deployment/web',
        'Metrics:                                               ( current / target )',
        '  resource cpu on pods  (as a percentage of request):  50% (100m) / 50%',
        'Min replicas:                                          1',
        'Max replicas:                                          8',
        'Deployment pods:                                       6 current / 6 desired',
        'Conditions:',
        '  Type            Status  Reason              Message',
        '  ----            ------  ------              -------',
        '  AbleToScale     True    ReadyForNewScale    recommended size matches current size',
        '  ScalingActive   True    ValidMetricFound    the HPA was able to successfully calculate a replica count from cpu resource utilization (percentage of request)',
        '  ScalingLimited  False   DesiredWithinRange  the desired count is within the acceptable range',
      ),
    );
    expect(events).toContain('New size: 4; reason: cpu resource utilization (percentage of request) above target');

    await type('kubectl annotate deployment web --overwrite load.logplane.dev/cpu=100m');
    await type("kubectl wait hpa web --for=jsonpath='{.status.currentReplicas}'=1 --timeout=60s");
    await type("kubectl wait deployment web --for=jsonpath='{.status.replicas}'=1 --timeout=60s");
    expect(await type('kubectl get deployment web')).toBe(
      lines('NAME   READY   UP-TO-DATE   AVAILABLE   AGE', 'web    1/1     1            1           <age>'),
    );
    expect(await type('kubectl describe hpa web | tail -1 | tr -s " "')).toMatch(/New size: 1; reason: All metrics below target$/);
  });
});

const lines = (...all: readonly string[]): string => all.join('\n');
