import ts from 'typescript';
import { lookedUp, saidOfSetting, schemaFolder } from './sources.ts';

/** A literal with words that no table is asked for. */
export interface PlainText {
  file: string;
  line: number;
  text: string;
}

/** Two words beside each other, or with a value between them, or a word beside a value. */
const words = /\p{L}{2,}[,;:.’']?\s+((\{\}|a)\s+)?\p{L}{2,}|\{\}[,;:.]?\s+\p{L}{2,}|\p{L}{2,}[,;:.]?\s+\{\}/u;

/** Literals of a file that a person may read and that do not go through the table of texts. */
export function plainTexts(source: ts.SourceFile): PlainText[] {
  const found: PlainText[] = [];
  const passed = new Set<ts.Node>();
  const visit = (node: ts.Node): void => {
    for (const text of lookedUp(node)) passed.add(text);
    const ofSetting = source.fileName.startsWith(schemaFolder) ? saidOfSetting(node) : null;
    if (ofSetting) passed.add(ofSetting);
    if (isForNobody(node)) return;
    const text = passed.has(node) ? null : textOf(node);
    if (text !== null && readable(text).some((part) => words.test(part)))
      found.push({
        file: source.fileName,
        line: source.getLineAndCharacterOfPosition(node.getStart()).line + 1,
        text: text.replace(/\s+/g, ' ').trim(),
      });
    node.forEachChild(visit);
  };
  visit(source);
  return found;
}

/** The text of a literal, with `{}` for the values in it. */
function textOf(node: ts.Node): string | null {
  if (ts.isStringLiteralLike(node) || ts.isJsxText(node)) return node.text;
  return ts.isTemplateExpression(node)
    ? node.head.text + node.templateSpans.map(({ literal }) => `{}${literal.text}`).join('')
    : null;
}

/** What of a text is read: of HTML what stands between the tags, and the attributes that are shown or read out. */
function readable(text: string): string[] {
  if (!/^\s*<[a-z!/]/i.test(text)) return [text];
  const attributes = [...text.matchAll(/\b(?:title|alt|aria-label|placeholder)="([^"]*)"/g)];
  return [text.replace(/<[^>]*>/g, '\n'), ...attributes.map(([, value]) => value!)];
}

/** Literals in it are for the compiler, for comparisons, for style sheets, or for a log that developers read. */
function isForNobody(node: ts.Node): boolean {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || ts.isTypeNode(node)) return true;
  if (ts.isJsxAttribute(node)) return /^(class|className|style|id|d|viewBox)$/.test(node.name.getText());
  if (ts.isPropertyAssignment(node)) return node.name.getText() === 'class';
  if (isCompared(node)) return true;
  return (
    ts.isCallExpression(node) &&
    /^console\.|(^|\.)log\.(trace|debug|info|warn|error)$/.test(node.expression.getText())
  );
}

/** A literal that another text is compared with is not shown. */
function isCompared(node: ts.Node): boolean {
  if (!ts.isStringLiteralLike(node)) return false;
  const { parent } = node;
  if (ts.isCaseClause(parent)) return true;
  if (ts.isBinaryExpression(parent)) return /^[!=]==?$/.test(parent.operatorToken.getText());
  return (
    ts.isCallExpression(parent) && /\.(startsWith|endsWith|includes|split)$/.test(parent.expression.getText())
  );
}
