/* HTML of a message, made harmless: a parser that runs nothing reads it, and what is known to be
   harmless is built anew, element by element, in another document. Nothing of the original is
   copied and nothing is written as text again, so that no second parser can read it another way.
   No scripts, no forms, no names or ids that could stand in for ours, nothing that is loaded
   from anywhere; pictures come from the message itself. */

const DEPTH_MAX = 200;
const NODES_MAX = 60000;
const PICTURE_MAX = 8 << 20;   /* bytes of a data: address */
const VALUE_MAX = 300;

/* Elements built anew. Others are left out, and what is in them stays; those of DROPPED go with
   all that is in them. */
const KEPT = new Set(("a abbr address article aside b bdi big blockquote br caption center cite code col " +
	"colgroup dd del dfn div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img " +
	"ins kbd li main mark nav ol p pre q rp rt ruby s samp section small span strike strong sub sup " +
	"table tbody td tfoot th thead time tr tt u ul var wbr").split(" "));
const DROPPED = new Set(("script style template svg math iframe frame frameset noframes noscript object " +
	"embed applet title head link meta base audio video canvas map area input button select textarea " +
	"option optgroup datalist output progress meter dialog slot portal param source track xmp plaintext " +
	"noembed listing fencedframe").split(" "));

const NUMBER = /^\d{1,4}%?$/;
const WORD = /^[\w#., -]{1,80}$/;
const EVERYWHERE = { dir: /^(ltr|rtl|auto)$/i, lang: /^[a-zA-Z-]{1,20}$/, title: /^[^]{0,300}$/ };
const TABLE = { align: WORD, valign: WORD, width: NUMBER, height: NUMBER, bgcolor: WORD };
const CELL = { ...TABLE, colspan: /^\d{1,3}$/, rowspan: /^\d{1,3}$/, nowrap: WORD, scope: WORD };
const BLOCK = { align: WORD };
const ATTRIBUTES = {
	col: { ...TABLE, span: /^\d{1,3}$/ }, colgroup: { ...TABLE, span: /^\d{1,3}$/ },
	div: BLOCK, font: { color: WORD, face: WORD, size: /^[+-]?\d$/ },
	h1: BLOCK, h2: BLOCK, h3: BLOCK, h4: BLOCK, h5: BLOCK, h6: BLOCK,
	hr: { align: WORD, width: NUMBER, size: NUMBER, color: WORD },
	img: { alt: /^[^]{0,300}$/, width: NUMBER, height: NUMBER, border: NUMBER, align: WORD },
	li: { value: /^\d{1,5}$/ }, ol: { start: /^\d{1,5}$/, type: /^[1aAiI]$/ }, p: BLOCK,
	table: { ...TABLE, border: NUMBER, cellpadding: NUMBER, cellspacing: NUMBER },
	tbody: TABLE, td: CELL, tfoot: TABLE, th: CELL, thead: TABLE, tr: TABLE,
};

/* Properties that cannot leave their place or load anything. */
const PROPERTY = new RegExp("^(color|background-color|font-(family|size|style|weight|variant-caps)|" +
	"text-(align|indent|transform|decoration-(line|style|color))|letter-spacing|line-height|" +
	"vertical-align|white-space(-collapse)?|text-wrap-mode|direction|(min-|max-)?width|(min-|max-)?height|" +
	"margin-(top|right|bottom|left)|padding-(top|right|bottom|left)|" +
	"border-(top|right|bottom|left)-(color|style|width)|border-(top|bottom)-(left|right)-radius|" +
	"border-collapse|border-spacing|list-style-type|table-layout|caption-side|float|clear|display)$");
const LOADS = /url|image|element\(|paint\(|src\(|attr\(|var\(|env\(|expression|[\\<>]/i;
const DISPLAY = /^(none|block|inline|inline-block|list-item|table|inline-table|table-(row|cell|caption|row-group|header-group|footer-group|column|column-group))$/;

/* A form's fields and a document's pictures can stand in for properties of their owner by
   their names: these are asked past them. */
const own = (type, name) => Object.getOwnPropertyDescriptor(type.prototype, name).get;
const childrenOf = (node) => own(Node, "childNodes").call(node);
const attributeOf = (node, name) => Element.prototype.getAttribute.call(node, name);

let policy = null;

function parse(html) {
	policy ??= globalThis.trustedTypes?.createPolicy("inert", { createHTML: (text) => text }) ??
		{ createHTML: (text) => text };
	return new DOMParser().parseFromString(policy.createHTML(html), "text/html");
}

/* An address that may be followed by a person, or null. */
export function safeLink(href) {
	try {
		const url = new URL(href.trim());
		return ["http:", "https:", "mailto:"].includes(url.protocol) ? url.href : null;
	} catch {
		return null;
	}
}

const PICTURE = /^data:image\/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]*$/i;

class Builder {
	constructor(target, options) {
		this.target = target;
		this.options = options;
		this.probe = document.createElement("span");
		this.nodes = 0;
		this.blocked = 0;
		this.cut = false;
	}

	children(from, to, depth) {
		if (depth > DEPTH_MAX) {
			this.cut = true;
			return;
		}
		for (const node of childrenOf(from)) {
			if (++this.nodes > NODES_MAX) {
				this.cut = true;
				return;
			}
			if (node.nodeType === Node.TEXT_NODE)
				to.append(this.target.createTextNode(node.data));
			else if (node.nodeType === Node.ELEMENT_NODE)
				this.element(node, to, depth);
		}
	}

	element(node, to, depth) {
		const name = node.localName;
		const known = node.namespaceURI === "http://www.w3.org/1999/xhtml";
		if (!known || DROPPED.has(name))
			return;
		if (!KEPT.has(name)) {
			this.children(node, to, depth + 1);
			return;
		}
		if (name === "img") {
			this.picture(node, to);
			return;
		}
		const made = this.target.createElement(name);
		this.attributes(node, made);
		if (name === "a")
			this.link(node, made);
		to.append(made);
		this.children(node, made, depth + 1);
	}

	attributes(node, made) {
		const allowed = ATTRIBUTES[made.localName] ?? {};
		for (const name of Element.prototype.getAttributeNames.call(node)) {
			const value = attributeOf(node, name);
			if (name === "style")
				this.style(value, made);
			else if (name === "background" || name === "srcset")
				this.blocked++;
			else if ((Object.hasOwn(allowed, name) && allowed[name].test(value)) ||
				 (Object.hasOwn(EVERYWHERE, name) && EVERYWHERE[name].test(value)))
				made.setAttribute(name, value);
		}
	}

	/* The browser's own parser reads the text of the style, on an element that is nowhere. */
	style(text, made) {
		if (/url\s*\(/i.test(text))
			this.blocked++;
		this.probe.style.cssText = text.slice(0, 20000);
		for (const name of this.probe.style) {
			const value = this.probe.style.getPropertyValue(name);
			if (!PROPERTY.test(name) || LOADS.test(value) || value.length > VALUE_MAX)
				continue;
			if (name === "display" && !DISPLAY.test(value))
				continue;
			if (name.startsWith("margin") && value.startsWith("-"))
				continue;
			made.style.setProperty(name, value);
		}
	}

	link(node, made) {
		const href = safeLink(attributeOf(node, "href") ?? "");
		if (!href)
			return;
		made.setAttribute("href", href);
		made.setAttribute("title", href);   /* where it really goes */
		made.setAttribute("target", "_blank");
		made.setAttribute("rel", "noopener noreferrer nofollow");
		made.setAttribute("referrerpolicy", "no-referrer");
	}

	picture(node, to) {
		const src = (attributeOf(node, "src") ?? "").trim();
		const found = /^cid:/i.test(src) ? this.options.picture(src.slice(4)) :
			PICTURE.test(src) && src.length <= PICTURE_MAX ? src : null;
		if (!found && src && !/^cid:/i.test(src))
			this.blocked++;
		const alt = attributeOf(node, "alt")?.trim() ?? "";
		if (!found) {
			if (alt) {
				const said = this.target.createElement("span");
				said.append(this.target.createTextNode(this.options.missing(alt.slice(0, VALUE_MAX))));
				to.append(said);
			}
			return;
		}
		const made = this.target.createElement("img");
		this.attributes(node, made);
		made.setAttribute("alt", alt.slice(0, VALUE_MAX));
		made.setAttribute("src", found);
		made.style.setProperty("max-width", "100%");
		made.style.setProperty("height", "auto");
		to.append(made);
	}
}

/* Builds what is harmless of html in the element to. options: picture(id) gives the data:
   address of a part, or null; missing(alt) the words for a picture that is not shown.
   { blocked: things that would have been loaded, cut: a bound was met } */
export function buildSafe(html, to, options) {
	const builder = new Builder(to.ownerDocument, options);
	const body = own(Document, "body").call(parse(html));
	if (body) {
		builder.attributes(body, to);
		builder.children(body, to, 0);
	}
	return { blocked: builder.blocked, cut: builder.cut };
}

const BLOCKS = new Set(("address article aside blockquote caption center dd div dl dt figcaption figure " +
	"footer h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section table tr ul").split(" "));

/* The same as plain text, for who would rather read that. */
export function textOfHtml(html, missing) {
	const holder = document.implementation.createHTMLDocument("").body;
	buildSafe(html, holder, { picture: () => null, missing });
	let out = "";
	(function walk(node) {
		for (const child of node.childNodes) {
			if (child.nodeType === Node.TEXT_NODE) {
				out += node.closest?.("pre") ? child.data : child.data.replace(/\s+/g, " ");
				continue;
			}
			const name = child.localName;
			if (name === "br") {
				out += "\n";
				continue;
			}
			if (BLOCKS.has(name) && !out.endsWith("\n"))
				out += "\n";
			if (name === "li")
				out += "- ";
			walk(child);
			if (name === "td" || name === "th")
				out += " ";
			if (BLOCKS.has(name))
				out += name === "p" || /^h\d$/.test(name) ? "\n\n" : "\n";
		}
	})(holder);
	return out.replace(/[ \t]+\n/g, "\n").replace(/\n[ \t]+/g, "\n").replace(/\n{3,}/g, "\n\n").trim();
}
