/* Before anything is drawn: takes the code out of the address, so that neither the address bar
   nor the history keeps it, and finds out whether this browser can decrypt at all. Where it
   cannot, or where the modules do not come, the form for decryption by the server stays.
   A plain script in old words, since old browsers must understand it. */
(function () {
	"use strict";
	var kept = "";
	var marker = "postern:";

	function decoded(text) {
		try {
			return decodeURIComponent(text);
		} catch (e) {
			return text;
		}
	}

	/* What stands behind the deposit's number in the address, whatever a mail program or a
	   link rewriter made of it; the language is kept. */
	function take() {
		var path = location.pathname;
		var at = path.search(/\/m\/[0-9a-fA-F]{32}/);
		var end = at < 0 ? path.length : at + 35;
		var lang = /[?&]lang=([a-z-]{2,8})(&|$)/.exec(location.search);
		var rest = path.slice(end) + (lang ? "" : location.search) + location.hash;
		var clean = path.slice(0, end) + (lang ? "?lang=" + lang[1] : "");
		if (rest && rest !== "#") {
			kept = decoded(rest);
			history.replaceState(null, "", clean);
		}
		if (window.name.indexOf(marker) === 0) {
			kept = window.name.slice(marker.length);
			window.name = "";
		}
	}

	function able() {
		return "noModule" in document.createElement("script") && window.crypto &&
			crypto.subtle && window.ReadableStream && window.AbortController &&
			window.TextDecoder && window.BigInt && window.Intl && Blob.prototype.arrayBuffer &&
			Element.prototype.replaceChildren;
	}

	/* Back to the form for the server, with the code as far as there is one. */
	function giveUp() {
		var note = document.getElementById("plain-old");
		var field = document.getElementById("plain-code");
		var found = /[0-9A-Za-z-]{28,}/.exec(kept);
		document.documentElement.className = "";
		if (note)
			note.hidden = false;
		if (field && found)
			field.value = found[0];
	}

	take();
	/* Given once: what was taken is forgotten here. */
	window.posternTake = function () {
		var given = kept;
		kept = "";
		return given;
	};
	window.posternFail = giveUp;
	/* To the next page of ours in this tab, and not by its address. */
	window.posternHand = function (code) {
		window.name = marker + code;
	};
	if (!able()) {
		document.addEventListener("DOMContentLoaded", giveUp);
		return;
	}
	document.documentElement.className = "js";
	window.addEventListener("load", function () {
		if (!window.posternStarted)
			giveUp();
	});
	window.addEventListener("hashchange", function () {
		take();
		document.dispatchEvent(new Event("postern-code"));
	});
})();
