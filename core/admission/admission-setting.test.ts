import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseAdmissionSettings } from './admission-setting.ts';
import { defaultAdmissionPlugins } from './default-plugins.ts';
import { admissionPlugins } from './plugins.ts';

const named = (given: Parameters<typeof parseAdmissionSettings>[0]) => admissionPlugins(parseAdmissionSettings(given)).map(({ name }) => name);

describe('the settings of admission', () => {
  it('add plugins in their place and take others away', () => {
    const defaults = defaultAdmissionPlugins.map(({ name }) => name);
    expect(named({})).toEqual(defaults);
    const names = named({ enable: 'ExtendedResourceToleration, AlwaysPullImages,PodSecurity', disable: 'DefaultTolerationSeconds' });
    expect(names).not.toContain('DefaultTolerationSeconds');
    expect(names.slice(4, 9)).toEqual(['TaintNodesByCondition', 'AlwaysPullImages', 'PodSecurity', 'Priority', 'ExtendedResourceToleration']);
  });

  it('configure those that take it', () => {
    const configuration: unknown = parse(`
      apiVersion: apiserver.config.k8s.io/v1
      kind: AdmissionConfiguration
      plugins:
      - name: PodSecurity
        configuration:
          apiVersion: pod-security.admission.config.k8s.io/v1
          kind: PodSecurityConfiguration
          defaults: { enforce: baseline, enforce-version: latest }
          exemptions: { namespaces: [kube-system] }
      - name: PodNodeSelector
        configuration: { podNodeSelectorPluginConfig: { clusterDefaultNodeSelector: env=dev } }
      - name: EventRateLimit
        configuration:
          apiVersion: eventratelimit.admission.k8s.io/v1alpha1
          kind: Configuration
          limits: [{ type: Server, qps: 50, burst: 100 }]`);
    expect(parseAdmissionSettings({ enable: 'EventRateLimit', configuration })).toMatchObject({
      configuration: {
        podSecurity: { defaults: { enforce: { level: 'baseline', version: 'latest' } }, exemptions: { namespaces: ['kube-system'] } },
        podNodeSelector: { clusterDefaultNodeSelector: 'env=dev' },
        eventRateLimit: [{ type: 'Server', qps: 50, burst: 100 }],
      },
    });
  });

  const file = (...plugins: object[]) => ({ apiVersion: 'apiserver.config.k8s.io/v1', kind: 'AdmissionConfiguration', plugins });
  const security = (more: object) => ({
    name: 'PodSecurity',
    configuration: { apiVersion: 'pod-security.admission.config.k8s.io/v1', kind: 'PodSecurityConfiguration', ...more },
  });
  it.each([
    { name: 'an unknown plugin', given: { enable: 'Foo' }, why: /^enable-admission-plugins plugin "Foo" is unknown; there are NamespaceLifecycle, / },
    { name: 'one that runs inside of others', given: { disable: '__proto__' }, why: /^disable-admission-plugins plugin "__proto__" is unknown/ },
    {
      name: 'one that is to run and not to run',
      given: { enable: 'PodSecurity', disable: 'PodSecurity' },
      why: '[PodSecurity] in enable-admission-plugins and disable-admission-plugins overlapped',
    },
    { name: 'limits that are not there', given: { enable: 'EventRateLimit' }, why: 'EventRateLimit needs limits in its configuration' },
    { name: 'what is no configuration', given: { configuration: [] }, why: 'AdmissionConfiguration is an object' },
    { name: 'another kind', given: { configuration: {} }, why: 'AdmissionConfiguration of apiserver.config.k8s.io/v1 is needed' },
    {
      name: 'a configuration of what takes none',
      given: { configuration: file({ name: 'Priority', configuration: {} }) },
      why: 'the plugin "Priority" takes no configuration; these do: PodSecurity, PodNodeSelector, EventRateLimit',
    },
    {
      name: 'a file of its own',
      given: { configuration: file({ name: 'PodSecurity', path: 'x.yaml' }) },
      why: 'the configuration of PodSecurity stands in the AdmissionConfiguration itself, not in a file of its own',
    },
    {
      name: 'an unknown level',
      given: { configuration: file(security({ defaults: { enforce: 'strict' } })) },
      why: 'the configuration of PodSecurity is invalid: defaults.enforce: Invalid value: "strict": must be one of privileged, baseline, restricted',
    },
    {
      name: 'an unknown limit',
      given: {
        configuration: file({
          name: 'EventRateLimit',
          configuration: { apiVersion: 'eventratelimit.admission.k8s.io/v1alpha1', kind: 'Configuration', limits: [{ type: 'Server', qps: 0, burst: 1 }] },
        }),
      },
      why: 'the configuration of EventRateLimit is invalid: limits[0].qps: Invalid value: 0: must be positive',
    },
    {
      name: 'a selector that is none',
      given: { configuration: file({ name: 'PodNodeSelector', configuration: { podNodeSelectorPluginConfig: { n: 'a' } } }) },
      why: 'the configuration of PodNodeSelector is invalid: podNodeSelectorPluginConfig[n]: Invalid value: "a": invalid selector: [a]',
    },
    {
      name: 'limited resources of ResourceQuota',
      given: { configuration: file({ name: 'ResourceQuota', configuration: { limitedResources: [{ resource: 'pods' }] } }) },
      why: 'the plugin "ResourceQuota" takes no configuration',
    },
  ])('are refused for $name', ({ given, why }) => {
    expect(() => named(given)).toThrow(why);
  });

  it.each(['NamespaceAutoProvision', 'PodTolerationRestriction', 'ImagePolicyWebhook', 'AlwaysAdmit', 'AlwaysDeny'])('do not know %s', (plugin) => {
    expect(() => named({ enable: plugin })).toThrow(`enable-admission-plugins plugin "${plugin}" is unknown`);
  });
});
