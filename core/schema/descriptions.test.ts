import { expect, it } from 'vitest';
import { definitions, schemaOf } from './built-in-types.ts';
import { loadDescriptions } from './descriptions.ts';

it('describes every type of the schema, and every field that Kubernetes describes', async () => {
  const descriptions = await loadDescriptions();
  expect(Object.keys(descriptions)).toEqual(definitions);
  const undescribed = /\.(JSONSchemaProps|ExternalDocumentation|WatchEvent|Info|CertificateSigningRequest(List)?|IngressRule)$/;
  for (const definition of definitions) {
    expect(descriptions[definition]?.description, definition).toBeTruthy();
    if (undescribed.test(definition)) continue;
    for (const name of Object.keys(schemaOf(definition)?.fields ?? {})) expect(descriptions[definition]?.fields?.[name], `${definition} ${name}`).toBeTruthy();
  }
});

it('has them without the marks that the generator of client-node leaves', async () => {
  const descriptions = await loadDescriptions();
  expect(descriptions['io.k8s.api.core.v1.ServicePort']).toMatchObject({
    description: "ServicePort contains information on service's port.",
    fields: {
      port: 'The port that will be exposed by this service.',
      protocol:
        'The IP protocol for this port. Supports "TCP", "UDP", and "SCTP". Default is TCP.\n\nPossible enum values:\n - `"SCTP"` is the SCTP protocol.\n - `"TCP"` is the TCP protocol.\n - `"UDP"` is the UDP protocol.',
    },
    enums: { protocol: ['SCTP', 'TCP', 'UDP'] },
    defaults: { protocol: 'TCP' },
  });
  expect(descriptions['io.k8s.api.authorization.v1.ResourceRule']?.fields?.['resources']).toContain('"*/foo"');
  const texts = Object.values(descriptions).flatMap(({ description, fields = {} }) => [description, ...Object.values(fields)]);
  expect(texts.filter((text) => /\\'|\*_\//.test(text ?? ''))).toEqual([]);
});
