/** docs/CLI.md, made from the program itself: commands, flags, examples, documents, exit codes, error codes. */
import {
  buildProgram,
  ERROR_CODES,
  type ErrorClass,
  EXIT,
  EXIT_TEXT,
  type Command,
  type DocumentSpec,
  type FieldSpec,
  type Option,
} from '@donch/cli';
import { DOCUMENTS as LIVE_DOCUMENTS } from '../../apps/live-bot/src/cli/documents.ts';
import { DEFINITIONS as LIVE_DEFINITIONS } from '../../apps/live-bot/src/cli/program.ts';
import { DOCUMENTS as RESEARCH_DOCUMENTS } from '../../apps/research-cli/src/cli/documents.ts';
import { DEFINITIONS as RESEARCH_DEFINITIONS } from '../../apps/research-cli/src/cli/program.ts';
import { markdownTable } from './markdown.ts';

/** Commands and documents of both apps. */
const DEFINITIONS = [...RESEARCH_DEFINITIONS, ...LIVE_DEFINITIONS];
export const DOCUMENTS: Readonly<Record<string, DocumentSpec>> = { ...RESEARCH_DOCUMENTS, ...LIVE_DOCUMENTS };

/** The whole page. */
export function cliManual(): string {
  let written = '';
  const write = (text: string): void => {
    written += text;
  };
  const program = buildProgram(DEFINITIONS, () => Promise.resolve(), { writeOut: write, writeErr: write });
  const helpOf = (command: Command): string => {
    written = '';
    command.outputHelp();
    return written;
  };
  const commands = program.commands.flatMap((command) => leaves(command));
  const sections = [
    INTRODUCTION,
    exitSection(),
    overview(commands),
    ...commands.map((command) => commandSection(command, helpOf(command))),
    figuresSection(),
    failureSection(),
    errorSection(),
  ];
  return `${sections.join('\n\n')}\n`;
}

const INTRODUCTION = `<!-- Generated: node scripts/run.mjs scripts/generate-docs.ts -->

# Command line

\`./donch <command>\` from the repository, in a project folder or below it (a project is a folder with a \`config.yaml\`; \`donch init\` makes one). \`donch <command> --help\` shows what stands here.

- **Results** go to stdout, everything else (notes, warnings, progress, errors) to stderr. Progress is drawn on a terminal only.
- **\`--json\`** puts exactly one JSON document on stdout. Each has a \`schema_version\`, which is raised when a field changes its meaning or goes away; new fields may come at any time. A number that does not exist is \`null\`, and the tables below say what that means. Times are UTC milliseconds, \`...Frac\` are fractions (0.01 = 1 %), \`...R\` multiples of the planned risk.
- **Times** of flags are UTC; a date means its 00:00. A start is included, an end is not.
- **Paths** may be written with \`/\` or \`\\\`. Paths of flags count from the current folder, those in \`config.yaml\` from its folder.
- **Settings**: default < strategy file < \`config.yaml\` < environment (\`DONCH_<KEY>\`, also from \`.env\`) < command line (\`--set KEY=VALUE\`). \`donch config\` shows what holds and where it comes from.
- **Runs** are immutable folders \`results/runs/<id>/\`. The id is a hash of everything that decides the result (data, strategy, settings, universe, window, seed, program, Node version), so the same question finds the answer that is there; \`--no-cache\` computes it again. The number of threads never changes a result.
- **Ctrl-C** ends a command at a safe point; nothing is half-written, and the same command goes on from there. A second Ctrl-C ends it at once, which is safe too.`;

function exitSection(): string {
  const rows = (Object.keys(EXIT) as (keyof typeof EXIT)[]).map((name) => [String(EXIT[name]), EXIT_TEXT[name]]);
  return `## Exit codes\n\n${markdownTable(['code', 'meaning'], rows)}`;
}

/** Commands without subcommands of their own. */
function leaves(command: Command): Command[] {
  if (command.name() === 'help') return [];
  return command.commands.length === 0 ? [command] : command.commands.flatMap((child) => leaves(child));
}

/** `data status` */
function fullName(command: Command): string {
  const { parent } = command;
  return parent === null || parent.parent === null ? command.name() : `${fullName(parent)} ${command.name()}`;
}

function overview(commands: readonly Command[]): string {
  const rows = commands.map((command) => {
    const name = fullName(command);
    return [`[\`donch ${name}\`](#donch-${name.replaceAll(' ', '-')})`, command.description()];
  });
  return `## Commands\n\n${markdownTable(['command', 'what it does'], rows)}`;
}

function commandSection(command: Command, help: string): string {
  const name = fullName(command);
  // what addHelpText has put behind the generated part
  const afterwards = help.slice(command.helpInformation().length).trim();
  const [words, examples = ''] = afterwards.split(/^Examples:\n/m);
  const parts = [
    `## donch ${name}`,
    `${capitalised(command.description())}.`,
    `\`\`\`text\ndonch ${name} ${command.usage()}\n\`\`\``,
  ];
  if (words.trim() !== '') parts.push(words.trim());
  if (command.registeredArguments.length > 0) parts.push(argumentTable(command));
  parts.push(optionTable(command.options.filter((option) => !option.hidden)));
  parts.push(`\`\`\`sh\n${examples.replaceAll(/^ {2}/gm, '').trimEnd()}\n\`\`\``);
  parts.push(`With \`--json\` (schema version ${DOCUMENTS[name].schemaVersion}):`, documentTable(name));
  return parts.join('\n\n');
}

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function argumentTable(command: Command): string {
  const rows = command.registeredArguments.map((argument) => {
    const { description, argChoices, variadic, required } = argument;
    const name = `${argument.name()}${variadic ? '...' : ''}`;
    const choices = argChoices === undefined ? '' : `: ${argChoices.join(', ')}`;
    return [`\`${required ? `<${name}>` : `[${name}]`}\``, `${description}${choices}`];
  });
  return markdownTable(['argument', 'meaning'], rows);
}

function optionTable(options: readonly Option[]): string {
  const rows = options.map(({ flags, description, defaultValue, argChoices, negate }) => {
    const choices = argChoices === undefined ? '' : `: ${argChoices.join(', ')}`;
    const fallback = defaultValue === undefined || negate ? '' : ` (default ${String(defaultValue)})`;
    return [`\`${flags}\``, `${description}${choices}${fallback}`];
  });
  return markdownTable(['flag', 'meaning'], rows);
}

/** Fields that run, backtest and demo share stand in a section of their own. */
function documentTable(name: string): string {
  const { fields } = DOCUMENTS[name];
  const own = fields.filter((field) => !isFigure(field));
  const more = own.length === fields.length ? '' : '\n\nand the [figures of a backtest](#figures-of-a-backtest).';
  return `${markdownTable(
    FIELD_TITLES,
    own.flatMap((field) => fieldRows(field, '')),
  )}${more}`;
}

const FIELD_TITLES = ['field', 'type', 'unit', 'null means', 'meaning'];

function fieldRows(field: FieldSpec, prefix: string): string[][] {
  const { name, type, items, unit, nullMeans, meaning, fields = [] } = field;
  const depth = type === 'list' ? (items === 'list' ? '[][]' : '[]') : '';
  const path = `${prefix}${name}${depth}`;
  const shown = type === 'list' ? `list of ${items ?? 'any'}` : type;
  return [[`\`${path}\``, shown, unit, nullMeans, meaning], ...fields.flatMap((inner) => fieldRows(inner, `${path}.`))];
}

const FIGURES = new Set(
  RESEARCH_DOCUMENTS.run.fields.map(({ name }) => name).filter((name) => !['ok', 'runId', 'cached'].includes(name)),
);

/** `scout` counts signals too, in a document of its own. */
function isFigure({ name, meaning }: FieldSpec): boolean {
  return (
    FIGURES.has(name) && RESEARCH_DOCUMENTS.run.fields.some((field) => field.name === name && field.meaning === meaning)
  );
}

function figuresSection(): string {
  const rows = RESEARCH_DOCUMENTS.run.fields.filter(isFigure).flatMap((field) => fieldRows(field, ''));
  return `## Figures of a backtest\n\nIn the documents of \`run\`, \`backtest\` and \`demo\`, and in \`summary.json\` of every backtest run.\n\n${markdownTable(FIELD_TITLES, rows)}`;
}

function failureSection(): string {
  return `## Failures

An error says what was found and where, what would have been accepted, and what to do. With \`--json\` the document of the command is replaced by

\`\`\`json
{
  "schema_version": 1,
  "ok": false,
  "exitCode": 2,
  "error": {
    "code": "bad_config",
    "message": "all of it, as on the terminal",
    "problems": [
      { "code": "unknown_config_key", "found": "...", "file": "...", "line": 3, "path": null, "expected": null, "remedy": "..." }
    ]
  }
}
\`\`\`

\`problems\` lists every problem of the input at once. Codes are stable.`;
}

const CLASS_TITLE: Readonly<Record<ErrorClass, string>> = {
  usage: 'Exit code 2: command line, configuration, strategy',
  data: 'Exit code 3: data',
  resource: 'Exit code 5: disk and processes',
  interrupted: 'Exit code 130',
};

function errorSection(): string {
  const classes = Object.keys(CLASS_TITLE) as ErrorClass[];
  const parts = classes.map((name) => {
    const rows = Object.entries(ERROR_CODES).flatMap(([code, spec]) =>
      spec?.class === name ? [[`\`${code}\``, spec.meaning]] : [],
    );
    return `### ${CLASS_TITLE[name]}\n\n${markdownTable(['code', 'meaning'], rows)}`;
  });
  return `## Error codes\n\n${parts.join('\n\n')}`;
}
