/** Small parts of the page. */
import { html, type Markup } from './markup.js';
import type { Status } from './model.js';
import { words } from './words.js';

export const chip = (status: Status, label: string): Markup => {
  const { mark, text, kind } = words[status];
  return html`<li class="chip ${kind}" title="${label}: ${text}">${mark} ${label}</li>`;
};

/** Of a statement. */
export const anchorOf = (profile: string, id: string): string => `${profile}/${id}`;
