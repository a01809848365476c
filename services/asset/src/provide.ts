import type { FactoryProvider, InjectionToken } from '@nestjs/common';

/** A class that stands for what it makes, its constructor private or not. */
interface Token<T> {
  prototype: T;
}
type TokensOf<A extends unknown[]> = { [K in keyof A]: Token<A[K]> };

/** Rules and use cases have no decorators: what they need is named here, and checked against their constructors. */
export const provide = <A extends unknown[]>(
  type: new (...args: A) => object,
  ...needs: TokensOf<A>
): FactoryProvider => provideAs(type as Token<object>, type, ...needs);

/** Puts an adapter behind its port. */
export const provideAs = <A extends unknown[], T>(
  port: Token<T>,
  type: new (...args: A) => T,
  ...needs: TokensOf<A>
): FactoryProvider => ({
  provide: port as InjectionToken,
  useFactory: (...args: A) => new type(...args),
  inject: needs as InjectionToken[],
});
