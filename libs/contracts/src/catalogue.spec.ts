import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { allEvents, allRequests } from './catalogue.js';

describe('requests', () => {
  it('have distinct subjects of the form <owner>.<noun>.<verb>.v<N>', () => {
    const subjects = allRequests.map((r) => r.subject);
    expect(new Set(subjects).size).toBe(subjects.length);
    for (const subject of subjects)
      expect(subject).toMatch(/^(asset|secret-broker|session|audit)\.[a-z-]+\.[a-z-]+\.v\d+$/);
  });

  it('carry an actor exactly when they name roles', () => {
    for (const r of allRequests)
      expect('actor' in (r.request as z.ZodObject).shape, r.subject).toBe(r.roles !== undefined);
  });

  it('refuse fields that they do not know', () => {
    for (const r of allRequests) {
      const result = r.request.safeParse({ unknownField: 1 });
      expect(result.success, r.subject).toBe(false);
      expect(
        result.error?.issues.some((i) => i.code === 'unrecognized_keys'),
        r.subject,
      ).toBe(true);
    }
  });
});

describe('events', () => {
  it('class every field: what has no class counts as secret and may not be published', () => {
    for (const event of allEvents)
      for (const [field, schema] of Object.entries(event.data.shape)) {
        const inner: z.ZodType =
          schema instanceof z.ZodOptional ? (schema.unwrap() as z.ZodType) : (schema as z.ZodType);
        const dataClass = (schema as z.ZodType).meta()?.['dataClass'] ?? inner.meta()?.['dataClass'];
        expect(['public', 'sensitive'], `${event.name}.${field}`).toContain(dataClass);
      }
  });

  it('have distinct types, CloudEvents names and NATS subjects', () => {
    expect(new Set(allEvents.map((e) => e.type)).size).toBe(allEvents.length);
    for (const event of allEvents) {
      expect(event.type).toMatch(/^io\.sallyport\.[a-z-]+\.[a-z-]+\.v1$/);
      expect(event.subject).toBe(`audit.${event.name}`);
    }
  });
});
