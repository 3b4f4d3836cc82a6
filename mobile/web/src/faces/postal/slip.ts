import { tp } from './text.ts';

/** What a provisional slip says; nothing of it names the applicant, since a slip gets lost. */
export type SlipContent = {
  code: string;
  official?: string;
  link: string;
  procedure: string;
  papers: { name: string; originals: number; copies: number }[];
  at: string;
  worker: string;
  unit: string;
  missing: string[];
};

/** How many of a paper, in words. */
export function amount(paper: { originals: number; copies: number }): string {
  return [
    paper.originals > 0 ? tp('count.originals', { count: paper.originals }) : '',
    paper.copies > 0 ? tp('count.copies', { count: paper.copies }) : '',
  ]
    .filter(Boolean)
    .join(', ');
}

/** The slip as a message, for a chat or a text message. */
export function slipText(slip: SlipContent): string {
  const lines = [
    tp('slip.title'),
    `${tp('slip.code')}: ${slip.code}`,
    ...(slip.official ? [`${tp('slip.official')}: ${slip.official}`] : []),
    slip.procedure,
    ...slip.papers.map((paper) => `- ${paper.name}: ${amount(paper)}`),
    `${tp('slip.at')}: ${slip.at}`,
    `${tp('slip.worker')}: ${slip.worker}, ${slip.unit}`,
    ...(slip.missing.length > 0 ? [`${tp('slip.missing')}: ${slip.missing.join('; ')}`] : []),
    tp('slip.not_official'),
  ];
  return lines.join('\n');
}
