import type { VNode } from 'preact';

export const CompareTab = (): VNode => <p>compare</p>;
