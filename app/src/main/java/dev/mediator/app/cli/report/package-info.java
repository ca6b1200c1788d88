/**
 * Folders of results that {@code analyze} and {@code tune} write: {@link AnalysisFolder} names and fills them, {@link AnalysisSubject} and
 * {@link ComparisonSubject} say what was looked at.
 */
@NullMarked
package dev.mediator.app.cli.report;

import org.jspecify.annotations.NullMarked;
